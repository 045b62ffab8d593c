// The same work by hand: fastify, one statement a step, node:crypto with plain keys, no check that is not a signature. It proves
// nothing and protects nobody; it tells what the operations cost when nothing is added.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import Fastify from 'fastify'
import pg from 'pg'

const { FLOOR_DATABASE_URL: connectionString = '', FLOOR_KEY = '' } = process.env
const pool = new pg.Pool({ connectionString, max: 12 })
const key = createPrivateKey({ key: JSON.parse(FLOOR_KEY), format: 'jwk' })
const publicKey = createPublicKey(key as never)
await pool.query(
  `create table if not exists floor (id text primary key, state text not null, body bytea, at timestamptz not null default now())`,
)

const app = Fastify({ bodyLimit: 1_000_000 })
const insert = (id: string, state: string, body: Buffer | null) =>
  pool.query({
    name: 'insert',
    text: 'insert into floor (id, state, body) values ($1, $2, $3)',
    values: [id, state, body],
  })
const take = (id: string) =>
  pool.query({ name: 'take', text: `delete from floor where id = $1 returning body`, values: [id] })

/** A JWT with the key in its header, as DPoP and key proofs have it: parse, import, verify. */
function verifyEmbedded(jwt: string): void {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const { jwk } = JSON.parse(Buffer.from(header, 'base64url').toString())
  const holder = createPublicKey({ key: jwk, format: 'jwk' })
  const data = Buffer.from(`${header}.${payload}`)
  JSON.parse(Buffer.from(payload, 'base64url').toString())
  if (!verify('sha256', data, { key: holder, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')))
    throw new Error('bad')
}

function signJwt(payload: object): string {
  const data = `${Buffer.from('{"alg":"ES256","typ":"dc+sd-jwt"}').toString('base64url')}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
  return `${data}.${sign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

/** Eight hidden claims: eight salts, eight digests, one signature. */
function issue(): string {
  const disclosures = Array.from({ length: 8 }, (_, index) =>
    Buffer.from(JSON.stringify([randomBytes(16).toString('base64url'), `claim_${index}`, 'value'])).toString(
      'base64url',
    ),
  )
  const digests = disclosures.map((text) => createHash('sha256').update(text).digest('base64url')).sort()
  return `${signJwt({ iss: 'floor', vct: 'floor', _sd: digests, cnf: {}, exp: 1 })}~${disclosures.join('~')}~`
}

app.post('/token', async (request) => {
  verifyEmbedded(String(request.headers['dpop']))
  const token = randomBytes(32).toString('base64url')
  await insert(token, 'token', null)
  return { access_token: token }
})
app.post('/nonce', async () => ({ c_nonce: randomBytes(32).toString('base64url') }))
app.post<{ Body: { proofs: { jwt: string[] } } }>('/credential', async (request) => {
  verifyEmbedded(String(request.headers['dpop']))
  for (const proof of request.body.proofs.jwt) verifyEmbedded(proof)
  const id = randomBytes(16).toString('base64url')
  await insert(id, 'intended', randomBytes(16))
  const credentials = request.body.proofs.jwt.map(() => ({ credential: issue() }))
  await take(id)
  return { credentials }
})
app.post('/presentations', async () => {
  const id = randomBytes(16).toString('base64url')
  await insert(id, 'requested', randomBytes(64))
  return { id, request: signJwt({ nonce: id, dcql_query: {} }) }
})
app.post<{ Params: { id: string }; Body: { epk: object; jwts: string[] } }>('/responses/:id', async (request) => {
  const shared = diffieHellman({
    privateKey: key,
    publicKey: createPublicKey({ key: request.body.epk as never, format: 'jwk' }),
  })
  hkdfSync('sha256', shared, '', '', 16)
  await take(request.params.id)
  for (const jwt of request.body.jwts) verifyEmbedded(jwt)
  for (let index = 0; index < 8; index += 1) createHash('sha256').update(request.params.id).digest()
  await insert(`result ${request.params.id}`, 'verified', randomBytes(200))
  return {}
})
app.get<{ Params: { id: string } }>('/results/:id', async (request) => ({
  rows: (await take(`result ${request.params.id}`)).rowCount,
}))
app.get('/key', async () => publicKey.export({ format: 'jwk' }))

await app.listen({ host: '127.0.0.1', port: Number(process.env['FLOOR_PORT']) })
