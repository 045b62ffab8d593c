import { defineShape } from '@samen/strict-json'
import { type Static, Type } from 'typebox'

/** What we ask of a wallet, VP#dcql_query: SD-JWT VCs with holder binding only, so `format` has one value. */
export type DcqlQuery = Static<typeof DcqlQuerySchema>
export type CredentialQuery = Static<typeof CredentialQuerySchema>
export type ClaimsQuery = Static<typeof ClaimsQuerySchema>

const closed = { additionalProperties: false } as const
const Id = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 64 })

const ClaimsQuerySchema = Type.Object(
  {
    id: Type.Optional(Id),
    path: Type.Array(Type.Union([Type.String(), Type.Integer({ minimum: 0 }), Type.Null()]), {
      minItems: 1,
      maxItems: 16,
    }),
    values: Type.Optional(
      Type.Array(Type.Union([Type.String(), Type.Integer(), Type.Boolean()]), { minItems: 1, maxItems: 64 }),
    ),
  },
  closed,
)

const CredentialQuerySchema = Type.Object(
  {
    id: Id,
    // VP#sd_jwt_vc_meta_parameter. `require_cryptographic_holder_binding` is left out, and so is
    // `multiple`: their defaults are our only values.
    format: Type.Literal('dc+sd-jwt'),
    meta: Type.Object(
      { vct_values: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { minItems: 1, maxItems: 16 }) },
      closed,
    ),
    // VP#authority-key-identifier. A hint for the wallet; trust in the issuer is always proven on its own.
    trusted_authorities: Type.Optional(
      Type.Array(
        Type.Object(
          {
            type: Type.Literal('aki'),
            values: Type.Array(Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 128 }), { minItems: 1 }),
          },
          closed,
        ),
        { minItems: 1 },
      ),
    ),
    claims: Type.Optional(Type.Array(ClaimsQuerySchema, { minItems: 1, maxItems: 64 })),
    claim_sets: Type.Optional(Type.Array(Type.Array(Id, { minItems: 1 }), { minItems: 1, maxItems: 16 })),
  },
  closed,
)

const DcqlQuerySchema = Type.Object(
  {
    credentials: Type.Array(CredentialQuerySchema, { minItems: 1, maxItems: 16 }),
    credential_sets: Type.Optional(
      Type.Array(
        Type.Object(
          {
            options: Type.Array(Type.Array(Id, { minItems: 1 }), { minItems: 1, maxItems: 16 }),
            required: Type.Optional(Type.Boolean()),
          },
          closed,
        ),
        { minItems: 1, maxItems: 16 },
      ),
    ),
  },
  closed,
)

const shape = defineShape(DcqlQuerySchema)

/**
 * Refuses a query that a wallet could read in two ways: repeated ids, repeated or empty paths, sets that point nowhere
 * (VP#credential_query, VP#claims_query, VP#credential_set_query). Unknown members are refused, `purpose` among them.
 * Throws RangeError that names the rule: a query comes from our own code, never from outside.
 */
export function assertDcqlQuery(value: unknown): asserts value is DcqlQuery {
  const query = shape.read(value, (path) => new RangeError(`the query does not have the shape of DCQL at ${path}`))
  assertUnique(
    query.credentials.map(({ id }) => id),
    'the id of a credential query',
  )
  query.credentials.forEach(assertClaims)
  const known = new Set(query.credentials.map(({ id }) => id))
  for (const id of (query.credential_sets ?? []).flatMap((set) => set.options.flat())) {
    if (!known.has(id)) throw new RangeError('a credential set names a credential that is not asked for')
  }
}

function assertClaims(query: CredentialQuery): void {
  const claims = query.claims ?? []
  assertUnique(
    claims.map(({ path }) => JSON.stringify(path)),
    'the path of a claim',
  )
  assertUnique(
    claims.flatMap(({ id }) => (id === undefined ? [] : [id])),
    'the id of a claim',
  )
  if (query.claim_sets === undefined) return
  if (claims.length === 0 || claims.some(({ id }) => id === undefined)) {
    throw new RangeError('claim sets need claims, each with an id')
  }
  const known = new Set(claims.map(({ id }) => id))
  if (query.claim_sets.flat().some((id) => !known.has(id))) {
    throw new RangeError('a claim set names a claim that is not asked for')
  }
}

function assertUnique(values: readonly string[], what: string): void {
  if (new Set(values).size !== values.length) throw new RangeError(`${what} may appear only once`)
}
