import { X509Certificate } from 'node:crypto'
import { MARK_CONSENT_REGISTRY } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { type Membership, TrustError } from '@samen/federation'
import { decodeJwt, type SigningKey } from '@samen/jwt-profile'

/** What the anchor has granted us, pulled on a timer and kept in memory. */
export type HeldMembership = {
  current(): Membership | undefined
  /** Asks the anchor when it is time: at once until we are a member, then hourly and well before anything expires. */
  pull(): Promise<void>
  /** The key with its certificate chain. Throws ProtocolError 503 while there is none. */
  certified(key: SigningKey): SigningKey & { x5c: readonly string[] }
}

const HOUR_MS = 3_600_000

/** `load` is the federation's pull, `keys` those that need a certificate before we count as a member. */
export function holdMembership(deps: {
  load: () => Promise<Membership>
  keys: readonly SigningKey[]
  now: () => Date
}): HeldMembership {
  let held: Membership | undefined
  let nextPull = 0
  return {
    current: () => held,
    async pull() {
      if (deps.now().getTime() < nextPull) return
      const loaded = await deps.load().catch((error: unknown) => {
        // Waiting to be approved is no failure; losing touch as a member is one.
        if (held === undefined && error instanceof TrustError) return undefined
        throw error
      })
      if (loaded === undefined || !isComplete(loaded, deps.keys)) return
      held = loaded
      nextPull = Math.min(deps.now().getTime() + HOUR_MS, halfLife(loaded, deps.now()))
    },
    certified(key) {
      const x5c = held?.certificates.get(key.kid)
      if (x5c === undefined) {
        const headers = { 'retry-after': '2' }
        throw new ProtocolError(503, 'temporarily_unavailable', 'this registry is not yet a member of the federation', {
          headers,
        })
      }
      return { ...key, x5c }
    },
  }
}

function isComplete({ trustMarks, certificates }: Membership, keys: readonly SigningKey[]): boolean {
  return (
    keys.every(({ kid }) => certificates.has(kid)) &&
    trustMarks.some((mark) => claimsOf(mark)['trust_mark_type'] === MARK_CONSENT_REGISTRY)
  )
}

/** Half of the shortest time that is left: room for many attempts before anything expires. */
function halfLife({ trustMarks, certificates }: Membership, now: Date): number {
  const marks = trustMarks.map((mark) => Number(claimsOf(mark)['exp']) * 1000)
  const leaves = [...certificates.values()].flatMap(([leaf]) => (leaf === undefined ? [] : [validTo(leaf)]))
  const first = Math.min(...marks, ...leaves)
  return now.getTime() + (first - now.getTime()) / 2
}

function claimsOf(token: string): Record<string, unknown> {
  return decodeJwt(token, { maxBytes: 16_384 }).payload
}

function validTo(leaf: string): number {
  return new X509Certificate(Buffer.from(leaf, 'base64')).validToDate.getTime()
}
