import { Openid4vciClient } from '@openid4vc/openid4vci'
import t from 'tap'
import { credentialResponse } from './credential-response.ts'
import { type CredentialType, credentialIssuerMetadata } from './issuer-metadata.ts'

const pupil: CredentialType = {
  vct: 'urn:samen:credential:pupil:1',
  display: [
    { name: 'Leerling', locale: 'nl' },
    { name: 'Pupil', locale: 'en' },
  ],
  claims: [{ path: ['enrolled'], mandatory: true, display: [{ name: 'Ingeschreven', locale: 'nl' }] }],
}
const issuer = {
  id: 'https://issuer.example/schools/de-regenboog',
  display: [{ name: 'De Regenboog', locale: 'nl' }],
  batchSize: 10,
  types: { pupil },
}

t.test('a school describes what it issues', async (t) => {
  const metadata = credentialIssuerMetadata(issuer)
  t.equal(metadata.credential_issuer, issuer.id)
  t.equal(metadata.nonce_endpoint, `${issuer.id}/nonce`, 'bound credentials need a nonce endpoint')
  t.same(metadata.batch_credential_issuance, { batch_size: 10 })
  t.same(metadata.credential_configurations_supported['pupil'], {
    format: 'dc+sd-jwt',
    vct: 'urn:samen:credential:pupil:1',
    scope: 'pupil',
    cryptographic_binding_methods_supported: ['jwk'],
    credential_signing_alg_values_supported: ['ES256'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
    credential_metadata: { display: pupil.display, claims: pupil.claims },
  })
  const text = JSON.stringify(metadata)
  for (const old of [
    'credentials_supported"',
    'vc+sd-jwt',
    'signed_metadata',
    'deferred',
    'encryption',
    'key_attestations',
    '[]',
  ])
    t.notOk(text.includes(old), `no ${old}`)
})

t.test('an independent wallet library finds and understands it', async (t) => {
  const documents: Record<string, unknown> = {
    'https://issuer.example/.well-known/openid-credential-issuer/schools/de-regenboog':
      credentialIssuerMetadata(issuer),
    'https://issuer.example/.well-known/oauth-authorization-server/schools/de-regenboog': {
      issuer: issuer.id,
      token_endpoint: `${issuer.id}/token`,
    },
  }
  const fetch = async (url: unknown) => {
    const found = documents[String(url)]
    return found === undefined ? new Response('', { status: 404 }) : Response.json(found)
  }
  const wallet = new Openid4vciClient({ callbacks: { fetch } as never })
  const resolved = await wallet.resolveIssuerMetadata(issuer.id)
  t.same(Object.keys(resolved.knownCredentialConfigurations), ['pupil'])
})

t.test('a description that breaks a rule of the specification is never published', async (t) => {
  const publish = (change: object, type: object = {}) =>
    credentialIssuerMetadata({ ...issuer, types: { pupil: { ...pupil, ...type } }, ...change })
  t.throws(() => publish({ display: [] }))
  t.throws(() =>
    publish({
      display: [
        { name: 'A', locale: 'nl' },
        { name: 'B', locale: 'nl' },
      ],
    }),
  )
  t.throws(() => publish({ batchSize: 1 }))
  t.throws(() => publish({ batchSize: 2.5 }))
  t.throws(() => publish({ types: { 'a pupil': pupil } }), 'a space is no scope token')
  t.throws(() => publish({}, { claims: [] }))
  t.throws(() => publish({}, { claims: [{ path: [], mandatory: false }] }))
  t.throws(() =>
    publish(
      {},
      {
        claims: [
          { path: ['a'], mandatory: false },
          { path: ['a'], mandatory: true },
        ],
      },
    ),
  )
  t.throws(() => publish({}, { claims: [{ path: ['a'], mandatory: false, display: [] }] }))
})

t.test('an answer holds one object per credential and one notification id', async (t) => {
  t.same(credentialResponse(['a~', 'b~'], 'n'), {
    credentials: [{ credential: 'a~' }, { credential: 'b~' }],
    notification_id: 'n',
  })
})
