import { ProtocolError } from '@samen/errors'
import t from 'tap'
import { readCredentialRequest } from './credential-request.ts'

const policy = { configurationIds: ['pupil', 'guardianship'], identifiers: { 'pupil.1': 'pupil' }, batchSize: 3 }
const proofs = { jwt: ['a.b.c'] }

function codeOf(body: unknown): string {
  try {
    readCredentialRequest(body, policy)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.status !== 400) throw error
    // VCI#credential-request-errors: the characters that a description may have
    if (!/^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/.test(error.description)) throw new Error('not a legal description')
    return error.code
  }
}

t.test('a wallet asks by configuration or by identifier, with several proofs', async (t) => {
  t.same(readCredentialRequest({ credential_configuration_id: 'pupil', proofs: { jwt: ['a', 'b'] } }, policy), {
    askedBy: 'configuration',
    configurationId: 'pupil',
    proofs: ['a', 'b'],
  })
  t.same(readCredentialRequest({ credential_identifier: 'pupil.1', proofs }, policy), {
    askedBy: 'identifier',
    configurationId: 'pupil',
    proofs: ['a.b.c'],
  })
})

t.test('members that we do not know are ignored', async (t) => {
  t.equal(codeOf({ credential_configuration_id: 'pupil', proofs, x: 1, issuer_state: 'stolen' }), 'accepted')
})

const table: [what: string, body: unknown, code: string][] = [
  ['neither configuration nor identifier', { proofs }, 'invalid_credential_request'],
  [
    'both configuration and identifier',
    { credential_configuration_id: 'pupil', credential_identifier: 'pupil.1', proofs },
    'invalid_credential_request',
  ],
  [
    'a configuration that is not offered by anybody',
    { credential_configuration_id: 'diploma', proofs },
    'unknown_credential_configuration',
  ],
  [
    'a configuration named like a prototype member',
    { credential_configuration_id: 'toString', proofs },
    'unknown_credential_configuration',
  ],
  ['an unknown identifier', { credential_identifier: 'x', proofs }, 'unknown_credential_identifier'],
  [
    'an identifier named like a prototype member',
    { credential_identifier: 'toString', proofs },
    'unknown_credential_identifier',
  ],
  ['a list as body', [], 'invalid_credential_request'],
  ['null as body', null, 'invalid_credential_request'],
  ['a text as body', 'pupil', 'invalid_credential_request'],
  ['a number as configuration', { credential_configuration_id: 1, proofs }, 'invalid_credential_request'],
  ['an empty configuration', { credential_configuration_id: '', proofs }, 'invalid_credential_request'],
  ['proofs that are a text', { credential_configuration_id: 'pupil', proofs: 'a.b.c' }, 'invalid_credential_request'],
  ['proofs that are a list', { credential_configuration_id: 'pupil', proofs: ['a.b.c'] }, 'invalid_credential_request'],
  [
    'a jwt member that is a text',
    { credential_configuration_id: 'pupil', proofs: { jwt: 'a.b.c' } },
    'invalid_credential_request',
  ],
  [
    'a proof that is an object',
    { credential_configuration_id: 'pupil', proofs: { jwt: [{}] } },
    'invalid_credential_request',
  ],
  [
    'the request of an old draft with format only',
    { format: 'vc+sd-jwt', vct: 'x', proof: { proof_type: 'jwt', jwt: 'a' } },
    'invalid_credential_request',
  ],
  [
    'the single proof of an old draft',
    { credential_configuration_id: 'pupil', proof: { proof_type: 'jwt', jwt: 'a' } },
    'invalid_proof',
  ],
  ['no proofs', { credential_configuration_id: 'pupil' }, 'invalid_proof'],
  ['no type of proof', { credential_configuration_id: 'pupil', proofs: {} }, 'invalid_proof'],
  ['an empty list of proofs', { credential_configuration_id: 'pupil', proofs: { jwt: [] } }, 'invalid_proof'],
  [
    'two types of proof',
    { credential_configuration_id: 'pupil', proofs: { jwt: ['a'], attestation: ['b'] } },
    'invalid_proof',
  ],
  [
    'a type of proof of an old draft',
    { credential_configuration_id: 'pupil', proofs: { cwt: ['a'] } },
    'invalid_proof',
  ],
  [
    'a type of proof that is not advertised',
    { credential_configuration_id: 'pupil', proofs: { di_vp: [{}] } },
    'invalid_proof',
  ],
  [
    'one proof more than a batch takes',
    { credential_configuration_id: 'pupil', proofs: { jwt: ['a', 'b', 'c', 'd'] } },
    'invalid_proof',
  ],
  [
    'a proof longer than any proof',
    { credential_configuration_id: 'pupil', proofs: { jwt: ['a'.repeat(5_000)] } },
    'invalid_proof',
  ],
  [
    'a key for an encrypted answer in a plain request',
    { credential_configuration_id: 'pupil', proofs, credential_response_encryption: { jwk: {}, enc: 'A128GCM' } },
    'invalid_encryption_parameters',
  ],
]

for (const [what, body, code] of table)
  t.test(`${what}: ${code}`, async (t) => {
    t.equal(codeOf(body), code)
  })
