import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hash, randomBytes } from 'node:crypto'
import { generateSigningKey, type SigningKey, signJwt } from '@samen/jwt-profile'

const jwtOf = (key: SigningKey, payload: object = {}) => {
  const { kty, crv, x, y } = key.publicJwk
  return signJwt(
    key,
    { typ: 'dpop+jwt', jwk: { kty, crv, x, y } },
    { htm: 'POST', htu: 'https://floor.example/token', jti: 'a'.repeat(22), iat: 1, ...payload },
  )
}

async function call<Reply = Record<string, string>>(url: string, body?: object, headers: Record<string, string> = {}) {
  const sent = { 'content-type': 'application/json', ...headers }
  const reply = await fetch(
    url,
    body === undefined ? {} : { method: 'POST', headers: sent, body: JSON.stringify(body) },
  )
  if (!reply.ok) throw new Error(`the floor answered ${reply.status}`)
  return (/json/.test(reply.headers.get('content-type') ?? '') ? await reply.json() : await reply.text()) as Reply
}

/** Token, nonce and credential request for `copies` new keys. */
export function floorIssuance(base: string, copies: number): () => Promise<void> {
  return async () => {
    const wallet = generateSigningKey()
    const proofs = Array.from({ length: copies }, () => jwtOf(generateSigningKey()))
    await call(`${base}/token`, {}, { dpop: jwtOf(wallet) })
    await call(`${base}/nonce`, {})
    await call(`${base}/credential`, { proofs: { jwt: proofs } }, { dpop: jwtOf(wallet) })
  }
}

/** Request, signed object, encrypted answer, number, result. */
export function floorPresentation(base: string, school: SigningKey): () => Promise<void> {
  return async () => {
    const id = await answer(base, school)
    await call(`${base}/numbers/${id}`)
    await call(`${base}/numbers/${id}`, {})
    await call(`${base}/results/${id}`)
  }
}

/** A decision is a presentation at the registry that is confirmed by its return: a read and a write. */
export function floorDecision(base: string, school: SigningKey): () => Promise<void> {
  return async () => {
    const id = await answer(base, school)
    await call(`${base}/numbers/${id}`)
    await call(`${base}/results/${id}`)
  }
}

async function answer(base: string, school: SigningKey): Promise<string> {
  const { id, epk } = await call<{ id: string; epk: object }>(`${base}/presentations`, {})
  await call(`${base}/requests/${id}`)
  const credential = jwtOf(school, { vct: 'floor', _sd: Array.from({ length: 8 }, () => 'd'.repeat(43)), exp: 1 })
  const disclosures = Array.from({ length: 4 }, (_, index) =>
    Buffer.from(`["${'s'.repeat(22)}","claim_${index}","value"]`).toString('base64url'),
  )
  const vpToken = [credential, ...disclosures, jwtOf(generateSigningKey(), { nonce: id })].join('~')
  await call(`${base}/responses/${id}`, encrypt(epk, JSON.stringify({ vp_token: vpToken })))
  return id
}

function encrypt(epk: object, text: string) {
  const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = createPublicKey({ key: epk as never, format: 'jwk' })
  const shared = diffieHellman({ privateKey: mine.privateKey, publicKey })
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', hash('sha256', shared, 'buffer'), iv)
  const sealed = Buffer.concat([cipher.update(text), cipher.final()])
  const encoded = { iv, text: sealed, tag: cipher.getAuthTag() }
  return {
    epk: mine.publicKey.export({ format: 'jwk' }),
    ...Object.fromEntries(Object.entries(encoded).map(([name, bytes]) => [name, bytes.toString('base64url')])),
  }
}
