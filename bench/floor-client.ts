import { generateSigningKey, type SigningKey, signJwt } from '@samen/jwt-profile'

const jwtOf = (key: SigningKey) => {
  const { kty, crv, x, y } = key.publicJwk
  return signJwt(
    key,
    { typ: 'dpop+jwt', jwk: { kty, crv, x, y } },
    { htm: 'POST', htu: 'https://floor.example/token', jti: 'a'.repeat(22), iat: 1 },
  )
}

async function post(url: string, body: object, headers: Record<string, string> = {}) {
  const reply = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!reply.ok) throw new Error(`the floor answered ${reply.status}`)
  return (await reply.json()) as Record<string, string>
}

/** Token, nonce and credential request for `copies` new keys, with proofs made before. */
export function floorIssuance(base: string, copies: number): () => Promise<void> {
  return async () => {
    const wallet = generateSigningKey()
    const proofs = Array.from({ length: copies }, () => jwtOf(generateSigningKey()))
    await post(`${base}/token`, {}, { dpop: jwtOf(wallet) })
    await post(`${base}/nonce`, {})
    await post(`${base}/credential`, { proofs: { jwt: proofs } }, { dpop: jwtOf(wallet) })
  }
}

/** Request, encrypted answer with an issuer's and a holder's signature, result. */
export function floorPresentation(base: string): () => Promise<void> {
  return async () => {
    const { id } = await post(`${base}/presentations`, {})
    const { kty, crv, x, y } = generateSigningKey().publicJwk
    await post(`${base}/responses/${id}`, {
      epk: { kty, crv, x, y },
      jwts: [jwtOf(generateSigningKey()), jwtOf(generateSigningKey())],
    })
    await (await fetch(`${base}/results/${id}`)).json()
  }
}

/** A decision is a presentation at the registry: request, answer, and the statement that records it. */
export function floorDecision(base: string): () => Promise<void> {
  return async () => {
    const { id } = await post(`${base}/presentations`, {})
    const { kty, crv, x, y } = generateSigningKey().publicJwk
    await post(`${base}/responses/${id}`, {
      epk: { kty, crv, x, y },
      jwts: [jwtOf(generateSigningKey()), jwtOf(generateSigningKey())],
    })
  }
}
