import { ANSWER_MS } from './client.ts'

/** One request of a wallet: what it called, and what of the protocol went with it. */
export interface WalletCall {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly notes: readonly string[]
}

/** A fetch for a wallet that tells of each request. */
export function watchedFetch(tell: (call: WalletCall) => void): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const sent = await request.clone().text()
    const reply = await fetch(request, { signal: AbortSignal.timeout(ANSWER_MS) })
    tell({ method: request.method, url: request.url, status: reply.status, notes: notesOn(request, sent, reply) })
    return reply
  }
}

function notesOn({ headers }: Request, sent: string, reply: Response): string[] {
  const form = new URLSearchParams(sent)
  const notes = [
    headers.has('dpop') && 'DPoP',
    form.has('tx_code') && 'tx_code',
    form.has('response') && 'direct_post.jwt, encrypted',
    proofCount(headers, sent),
    /oauth-authz-req\+jwt/.test(reply.headers.get('content-type') ?? '') && 'signed request object',
  ]
  return notes.filter((note) => typeof note === 'string')
}

function proofCount(headers: Headers, sent: string): string | undefined {
  if (!/json/.test(headers.get('content-type') ?? '')) return undefined
  const count = JSON.parse(sent).proofs?.jwt?.length
  return count === undefined ? undefined : `proofs.jwt with ${count} keys`
}
