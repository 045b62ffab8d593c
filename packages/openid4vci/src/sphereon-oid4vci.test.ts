import { readdirSync, readFileSync } from 'node:fs'
import { EVENTS } from '@sphereon/oid4vci-common'
import { createAccessTokenResponse, MemoryStates, VcIssuerBuilder } from '@sphereon/oid4vci-issuer'
import t from 'tap'
import { credentialOffer, PRE_AUTHORIZED_CODE_GRANT } from './credential-offer.ts'
import { credentialIssuerMetadata } from './issuer-metadata.ts'
import { assertTokenRequest, buildIssuerMetadata, composeOffer, createOfferUri } from './sphereon-oid4vci.ts'

const issuer = 'https://issuer.example/schools/de-regenboog'
const offer = credentialOffer({
  issuer,
  configurationIds: ['pupil'],
  preAuthorizedCode: 'canary-code-7Q',
  txCode: { input_mode: 'numeric', length: 6 },
})
const metadata = credentialIssuerMetadata({
  id: issuer,
  display: [{ name: 'De Regenboog', locale: 'nl' }],
  batchSize: 10,
  types: {
    pupil: {
      vct: 'urn:samen:credential:pupil:1',
      display: [{ name: 'Leerling', locale: 'nl' }],
      claims: [{ path: ['enrolled'], mandatory: true }],
    },
  },
})

/** Everything that is written to stdout and stderr while `work` runs. */
async function outputOf(work: () => unknown): Promise<string> {
  let text = ''
  const original = { out: process.stdout.write, err: process.stderr.write }
  const take = (chunk: unknown) => {
    text += String(chunk)
    return true
  }
  process.stdout.write = take as typeof process.stdout.write
  process.stderr.write = take as typeof process.stderr.write
  try {
    await work()
  } finally {
    process.stdout.write = original.out
    process.stderr.write = original.err
  }
  return text
}

t.test('the link that opens a wallet carries a reference and nothing else', async (t) => {
  const link = createOfferUri('openid-credential-offer', `${issuer}/offers/Ab-1`)
  t.equal(link, `openid-credential-offer://?credential_offer_uri=${encodeURIComponent(`${issuer}/offers/Ab-1`)}`)
  t.match(createOfferUri('haip-vci', `${issuer}/offers/Ab-1`), /^haip-vci:\/\/\?credential_offer_uri=/)
})

t.test('offer and metadata leave the library as they entered it', async (t) => {
  t.same(composeOffer(offer), offer)
  t.same(buildIssuerMetadata(metadata), metadata)
})

t.test('an offer that names a configuration twice, or none, or explains too long is never made', async (t) => {
  const base = { issuer, preAuthorizedCode: 'c', txCode: 'not-used' as const }
  t.notOk('tx_code' in credentialOffer({ ...base, configurationIds: ['pupil'] }).grants[PRE_AUTHORIZED_CODE_GRANT])
  t.throws(() => credentialOffer({ ...base, configurationIds: [] }))
  t.throws(() => credentialOffer({ ...base, configurationIds: ['pupil', 'pupil'] }))
  const txCode = { input_mode: 'numeric' as const, length: 6, description: 'x'.repeat(301) }
  t.throws(() => credentialOffer({ ...base, configurationIds: ['pupil'], txCode }))
})

t.test('a value that the library would invent never reaches a wallet', async (t) => {
  const withoutCode = structuredClone(offer) as unknown as { grants: Record<string, Record<string, unknown>> }
  delete withoutCode.grants[PRE_AUTHORIZED_CODE_GRANT]?.['pre-authorized_code']
  t.throws(() => composeOffer(withoutCode as never), /changed a message/, 'it makes a UUID when the code is missing')
  const withoutLength = structuredClone(offer) as unknown as { grants: Record<string, Record<string, unknown>> }
  withoutLength.grants[PRE_AUTHORIZED_CODE_GRANT] = { 'pre-authorized_code': 'c', tx_code: {} }
  t.throws(
    () => composeOffer(withoutLength as never),
    /changed a message/,
    'it makes four digits when the length is missing',
  )
  const { display: _, ...withoutDisplay } = metadata
  t.throws(() => buildIssuerMetadata(withoutDisplay as never), /changed a message/, 'it adds an empty display')
})

t.test('the second opinion agrees with a right request and objects to a wrong one', async (t) => {
  await t.resolves(assertTokenRequest(offer, { preAuthorizedCode: 'canary-code-7Q', txCode: '493536' }))
  await t.rejects(assertTokenRequest(offer, { preAuthorizedCode: 'canary-code-7Q', txCode: undefined }))
  await t.rejects(assertTokenRequest(offer, { preAuthorizedCode: 'another', txCode: '493536' }))
  await t.rejects(assertTokenRequest(offer, { preAuthorizedCode: 'canary-code-7Q', txCode: 'abcdef' }))
  const open = credentialOffer({ issuer, configurationIds: ['pupil'], preAuthorizedCode: 'c', txCode: 'not-used' })
  await t.resolves(assertTokenRequest(open, { preAuthorizedCode: 'c', txCode: undefined }))
  await t.rejects(assertTokenRequest(open, { preAuthorizedCode: 'c', txCode: '493536' }))
})

t.test('nothing is printed: as shipped the library writes codes and claims to stdout on every event', async (t) => {
  const ours = await outputOf(async () => {
    createOfferUri('openid-credential-offer', `${issuer}/offers/Ab-1`)
    composeOffer(offer)
    buildIssuerMetadata(metadata)
    await assertTokenRequest(offer, { preAuthorizedCode: 'canary-code-7Q', txCode: '493536' })
  })
  t.equal(ours, '')
  const theirs = await outputOf(() => createOfferTheirWay())
  t.equal(theirs, '', 'also where the library itself would emit')
  const prototype = Object.getPrototypeOf(EVENTS) as { emit: (this: unknown, name: string, event: object) => void }
  const asShipped = await outputOf(() =>
    prototype.emit.call(EVENTS, 'OID4VCI_OFFER_CREATED', { data: 'canary-code-7Q' }),
  )
  t.match(asShipped, 'canary-code-7Q', 'the defect is still there, so the silence is still needed')
})

t.test('only what decides nothing is used of the library', async (t) => {
  const folder = new URL('.', import.meta.url)
  const importers = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .filter((name) => readFileSync(new URL(name, folder), 'utf8').includes("'@sphereon/"))
  t.same(importers, ['sphereon-oid4vci.ts'])
  const source = readFileSync(new URL('sphereon-oid4vci.ts', folder), 'utf8')
  for (const unsafe of [
    'createCredentialOfferURI(', // Math.random for tx_code, prints the code
    'createAccessTokenResponse', // a token that contains the pre-authorized code
    'generateAccessToken',
    'issueCredential', // nonce read before it is deleted, first valid proof wins, configuration not compared
    'processNotification', // one id for a whole session
    'oidcAccessTokenVerifyCallback',
    'assertValidPinNumber',
    'IssuerMetadataBuilderV1_15',
  ])
    t.notOk(source.includes(unsafe), unsafe)
})

t.test('why: as shipped the access token holds the code that bought it', async (t) => {
  const sessions = new MemoryStates<never>()
  await sessions.set('canary-code-7Q', { credentialOffer: { credential_offer: offer }, createdAt: 0 } as never)
  let payload: unknown
  await createAccessTokenResponse(
    { 'pre-authorized_code': 'canary-code-7Q', grant_type: PRE_AUTHORIZED_CODE_GRANT } as never,
    {
      credentialOfferSessions: sessions,
      cNonces: new MemoryStates<never>(),
      tokenExpiresIn: 300,
      accessTokenIssuer: issuer,
      accessTokenSignerCallback: async (jwt) => {
        payload = jwt.payload
        return 'signed'
      },
    },
  )
  t.match(payload, { preAuthorizedCode: 'canary-code-7Q' })
})

async function createOfferTheirWay(): Promise<void> {
  const vcIssuer = new VcIssuerBuilder()
    .withIssuerMetadata(structuredClone(metadata) as never)
    .withAuthorizationMetadata({ issuer, response_types_supported: [] })
    .withInMemoryCredentialOfferState()
    .withInMemoryCredentialOfferURIState()
    .withInMemoryCNonceState()
    .build()
  await vcIssuer.createCredentialOfferURI({
    grants: structuredClone(offer.grants) as never,
    credential_configuration_ids: ['pupil'],
  })
}
