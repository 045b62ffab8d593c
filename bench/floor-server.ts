// The same work by hand: fastify, node:crypto with keys that are imported once and plain DER signatures, the same rows in statements that
// are grouped while one is in flight. No check that is not a signature. It proves nothing and protects nobody; it tells what the operations
// cost when nothing is added.
import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomFillSync,
  sign,
  verify,
} from 'node:crypto'
import Fastify from 'fastify'
import pg from 'pg'
import { concatenatedToDer, derToConcatenated } from '../packages/jwt-profile/src/ecdsa-signature.ts'
import { deleteRows, insertRows, updateRows } from './micro-batch.ts'

const { FLOOR_DATABASE_URL: connectionString = '', FLOOR_KEY = '', FLOOR_PORT } = process.env
const pool = new pg.Pool({ connectionString, max: 4 })
const key = createPrivateKey({ key: JSON.parse(FLOOR_KEY), format: 'jwk' })
const publicKey = createPublicKey(key)
await pool.query(
  'create table if not exists floor (id text primary key, state text not null, body bytea not null, at timestamptz not null default now())',
)
const insert = insertRows(pool)
const update = updateRows(pool)
const take = deleteRows(pool)

const randomPool = Buffer.alloc(65_536)
let randomAt = randomPool.length
const randomText = (bytes: number): string => {
  if (randomAt + bytes > randomPool.length) {
    randomFillSync(randomPool)
    randomAt = 0
  }
  randomAt += bytes
  return randomPool.toString('base64url', randomAt - bytes, randomAt)
}

const partsOf = (jwt: string) => {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
  return { header: read(header), payload: read(payload), data: `${header}.${payload}`, signature }
}

function verifyWith(holder: KeyObject, data: string, signature: string): void {
  const der = concatenatedToDer(Buffer.from(signature, 'base64url'))
  if (!verify('sha256', Buffer.from(data), holder, der)) throw new Error('bad')
}

/** A JWT with the key in its header, as DPoP and key proofs have it: parse, import, verify. */
function verifyEmbedded(jwt: string): void {
  const { header, data, signature } = partsOf(jwt)
  verifyWith(createPublicKey({ key: header.jwk, format: 'jwk' }), data, signature)
}

const HEADER = Buffer.from('{"alg":"ES256","typ":"dc+sd-jwt"}').toString('base64url')
function signJwt(payload: object): string {
  const data = `${HEADER}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
  return `${data}.${derToConcatenated(sign('sha256', Buffer.from(data), key)).toString('base64url')}`
}

/** Eight hidden claims: eight salts, eight digests, one signature. */
function issue(): string {
  const disclosures = Array.from({ length: 8 }, (_, index) =>
    Buffer.from(JSON.stringify([randomText(16), `claim_${index}`, 'value'])).toString('base64url'),
  )
  const digests = disclosures.map((text) => hash('sha256', text, 'base64url')).sort()
  return `${signJwt({ iss: 'floor', vct: 'floor', _sd: digests, cnf: {}, exp: 1 })}~${disclosures.join('~')}~`
}

const app = Fastify({ bodyLimit: 1_000_000 })

app.post('/token', async (request) => {
  verifyEmbedded(String(request.headers['dpop']))
  const token = randomText(32)
  await insert({ id: token, state: 'token', body: Buffer.alloc(0) })
  return { access_token: token }
})
app.post('/nonce', async () => ({ c_nonce: randomText(32) }))
app.post<{ Body: { proofs: { jwt: string[] } } }>('/credential', async (request) => {
  verifyEmbedded(String(request.headers['dpop']))
  for (const proof of request.body.proofs.jwt) verifyEmbedded(proof)
  const id = randomText(16)
  await insert({ id, state: 'intended', body: Buffer.alloc(16 * request.body.proofs.jwt.length) })
  const credentials = request.body.proofs.jwt.map(() => ({ credential: issue() }))
  await update({ id, state: 'delivered' })
  return { credentials }
})

const asked = new Map<string, KeyObject>()
app.post('/presentations', async () => {
  const id = randomText(16)
  const { privateKey, publicKey: epk } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  asked.set(id, privateKey)
  await insert({ id, state: 'requested', body: Buffer.alloc(300) })
  return { id, epk: epk.export({ format: 'jwk' }) }
})
app.get<{ Params: { id: string } }>('/requests/:id', async ({ params }) =>
  signJwt({ nonce: params.id, state: params.id, dcql_query: {}, response_uri: 'https://floor.example/responses' }),
)

/** Decrypt; the school's signature with a known key, the holder's with a new one; a digest for each disclosure. */
function open(id: string, body: { epk: object; iv: string; text: string; tag: string }): void {
  const privateKey = asked.get(id)
  if (privateKey === undefined) throw new Error('unknown')
  asked.delete(id)
  const shared = diffieHellman({ privateKey, publicKey: createPublicKey({ key: body.epk as never, format: 'jwk' }) })
  const decipher = createDecipheriv('aes-256-gcm', hash('sha256', shared, 'buffer'), Buffer.from(body.iv, 'base64url'))
  decipher.setAuthTag(Buffer.from(body.tag, 'base64url'))
  const text = Buffer.concat([decipher.update(Buffer.from(body.text, 'base64url')), decipher.final()])
  const [credential = '', ...disclosures] = JSON.parse(text.toString()).vp_token.split('~')
  const school = partsOf(credential)
  verifyWith(publicKey, school.data, school.signature)
  const binding = partsOf(disclosures.pop() ?? '')
  verifyWith(createPublicKey({ key: binding.header.jwk, format: 'jwk' }), binding.data, binding.signature)
  for (const disclosure of disclosures) hash('sha256', disclosure, 'base64url')
}

type Answer = { Params: { id: string }; Body: Parameters<typeof open>[1] }
app.post<Answer>('/responses/:id', async ({ params, body }) => {
  await update({ id: params.id, state: 'answering' })
  open(params.id, body)
  await insert({ id: `result ${params.id}`, state: 'verified', body: Buffer.alloc(200) })
  return {}
})
/** The number is shown, counted, and releases: a read and two writes. */
app.get<{ Params: { id: string } }>('/numbers/:id', async ({ params }) => {
  const { rows } = await pool.query({
    name: 'read',
    text: 'select state from floor where id = $1',
    values: [params.id],
  })
  return { number: rows.length }
})
app.post<{ Params: { id: string } }>('/numbers/:id', async ({ params }) => {
  await update({ id: params.id, state: 'tried' })
  await update({ id: params.id, state: 'released' })
  return {}
})
app.get<{ Params: { id: string } }>('/results/:id', async ({ params }) => ({ rows: await take(`result ${params.id}`) }))
app.get('/key', async () => publicKey.export({ format: 'jwk' }))

await app.listen({ host: '127.0.0.1', port: Number(FLOOR_PORT) })
