import t from 'tap'
import { authorizationServerMetadata, readTokenRequest } from './oauth.ts'

const issuer = 'https://issuer.example/schools/linde'
const document = authorizationServerMetadata({ issuer, tokenEndpoint: `${issuer}/token` })

t.test('the document says what the server does', async (t) => {
  t.same(document, {
    issuer,
    token_endpoint: `${issuer}/token`,
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:pre-authorized_code'],
    token_endpoint_auth_methods_supported: ['none'],
    dpop_signing_alg_values_supported: ['ES256'],
    'pre-authorized_grant_anonymous_access_supported': true,
  })
})

t.test('nothing is announced that has no endpoint', async (t) => {
  for (const member of [
    'authorization_endpoint',
    'response_types_supported',
    'pushed_authorization_request_endpoint',
  ]) {
    t.notOk(member in document, member)
  }
})

t.test('the announced grant is the one the server reads, and no client id is needed for it', async (t) => {
  const [grant_type] = document['grant_types_supported'] as [string]
  t.ok(readTokenRequest({ grant_type, 'pre-authorized_code': 'a' }))
})
