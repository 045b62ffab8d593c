import { Type } from 'typebox'

export const Instant = Type.String({ description: 'ISO 8601, UTC', examples: ['2026-10-01T10:00:00.000Z'] })
export const Day = Type.String({ description: 'YYYY-MM-DD', examples: ['2027-07-31'] })
export const Handle = Type.String({ description: '128 random bits, base64url', examples: ['qPmxiNFCR3QTm19POc8u1A'] })
export const Hash = Type.String({
  description: 'SHA-256, base64url',
  examples: ['47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
})
export const EntityId = Type.String({ examples: ['https://issuer.example/schools/de-waterkant'] })
export const PurposeUri = Type.String({ examples: ['https://registry.example/purposes/qPmxiNFCR3QTm19POc8u1A/1'] })
export const RequestUrl = Type.String({ examples: ['https://registry.example/requests/qPmxiNFCR3QTm19POc8u1A'] })
export const WalletLink = Type.String({
  description: 'opens a wallet; also the content of the QR code',
  examples: [
    'haip-vp://?client_id=x509_hash%3A47DEQpj8…&request_uri=https%3A%2F%2Fregistry.example%2Fvp%2Frequests%2F…',
  ],
})
const Texts = Type.Object({ nl: Type.String(), en: Type.String() })
const Party = Type.Object({ entity_id: EntityId, name: Type.String({ examples: ['De Waterkant'] }) })
const orNull = <Schema extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Object>>(schema: Schema) =>
  Type.Union([schema, Type.Null()])

export const PurposeInRecord = Type.Object({
  uri: PurposeUri,
  hash: Hash,
  title: Texts,
  why: Texts,
  legal_basis: Type.String(),
  retention: Type.String(),
  claims: Type.Array(Type.Object({ fact: Type.String(), label: Texts, why: Texts })),
})

/** What a guardian signed, and what the school had signed about the guardian. */
const Evidence = Type.Object({
  salt: Type.String(),
  document: Type.Unknown(),
  issuer_jwt: Type.String(),
  kb_jwt: Type.String(),
})

/** One request about the child, whatever became of it. */
const Consent = Type.Object({
  handle: Handle,
  page_url: RequestUrl,
  purpose: Type.Object({
    id: Type.String(),
    version: Type.Integer(),
    ...PurposeInRecord.properties,
    document: Type.Unknown({ description: 'the text as the app registered it; `hash` is over it' }),
  }),
  app: Party,
  school: Party,
  state: Type.String({ description: 'requested, given, refused, withdrawn or expired' }),
  requested_at: Instant,
  expires_at: Instant,
  until: Day,
  given_at: orNull(Instant),
  decisions: Type.Array(Type.Object({ decision: Type.String(), at: Instant, evidence: Evidence })),
  withdrawal: Type.Union([
    Type.Object({ at: Instant, delete_by: orNull(Day), app_notified_at: orNull(Instant) }),
    Type.Null(),
  ]),
  delete_by: orNull(Day),
  deletion_receipt: Type.Union([
    Type.Object({ received_at: Instant, message: Type.String({ description: 'the signed statement of the app' }) }),
    Type.Null(),
  ]),
  deletion_overdue_since: orNull(Instant),
})

const Hashes = Type.Array(Type.String({ description: 'SHA-256, base64url' }))

/** The record of a family: what the offline checker of the log reads, and what people read. */
export const RecordSchema = Type.Object({
  log: Type.Object({
    url: Type.String(),
    verifier_key: Type.String(),
    size: Type.Integer(),
    checkpoint: Type.String(),
    consistency: Type.Optional(Type.Object({ from: Type.Integer(), proof: Hashes })),
  }),
  consents: Type.Array(Consent),
  events: Type.Array(
    Type.Object({ event: Type.Unknown(), salt: Type.String(), index: Type.Integer(), at: Instant, proof: Hashes }),
  ),
})

export const RequestSchema = Type.Object({
  handle: Handle,
  state: Type.String({ description: 'open, given, withdrawn or closed' }),
  purpose: PurposeInRecord,
  app: Party,
  school: Party,
  guardians: Type.String(),
  until: Day,
  expires_at: Instant,
})

export const PublishedPurposeSchema = Type.Object({
  registry: Type.String({ examples: ['https://registry.example'] }),
  app: Type.String({ examples: ['https://verifier.example/apps/rekenrijk'] }),
  app_name: Type.String({ examples: ['Rekenrijk'] }),
  purpose: Type.Unknown({ description: 'the text as the app registered it' }),
  purpose_hash: Hash,
})
