import { type Static, Type } from 'typebox'
import { closed, Id, time } from '../api-schema.ts'
import { CONFIGURATION_IDS } from '../metadata/credential-types.ts'
import { VERIFICATION_METHODS } from './pin-credentials.ts'

const reference = (description: string, example: string) =>
  Type.String({ minLength: 1, maxLength: 255, description, examples: [example] })
const Credentials = (options: object) =>
  Type.Array(Type.Enum([...CONFIGURATION_IDS]), { ...options, examples: [['pupil']] })

/** What the desk or the administration sends to make an offer. */
export type OfferOrder = Static<typeof OfferOrder>
export const OfferOrder = closed({
  holder: reference('sourcedId of who gets the credentials: a guardian, or the pupil itself', 'ver-t3xw6j0qye'),
  subject: reference('sourcedId of the pupil that they are about', 'lln-v7kq2m9xwt'),
  credentials: Credentials({ minItems: 1, maxItems: 2 }),
  grant: Type.Literal('pre-authorized_code'),
  tx_code: Type.Optional(
    Type.Union([Type.Literal('required'), Type.Literal('none')], {
      description: 'required when absent; none is for the pupil credential at the desk and makes the offer short-lived',
    }),
  ),
  verification: Type.Optional(
    closed(
      {
        method: Type.Enum([...VERIFICATION_METHODS], { examples: ['gezagsregister-extract'] }),
        checked_by: Type.Array(reference('a staff member', 'mdw-1'), {
          minItems: 2,
          maxItems: 2,
          examples: [['mdw-1', 'mdw-2']],
        }),
      },
      { description: 'needed for guardianship: two staff members have seen the document' },
    ),
  ),
})

/** What is answered once, and never again: the codes are not stored. */
export type OfferMade = Static<typeof OfferMade>
export const OfferMade = Type.Object({
  id: Id,
  offer_uri: Type.String({
    description: 'opens a wallet',
    examples: [
      'openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Fschools%2Fde-waterlelie%2Foffers%2F…',
    ],
  }),
  page_url: Type.String({
    description: 'a page with the QR code and the link',
    examples: ['https://issuer.example/schools/de-waterlelie/desk/offers/…'],
  }),
  tx_code: Type.Optional(
    Type.String({ description: 'to be given to the holder by another way than the offer', examples: ['493536'] }),
  ),
  expires_at: time('until when the offer can be redeemed'),
})

/** How an offer stands. Ids and codes, nobody's data. */
export type OfferState = Static<typeof OfferState>
export const OfferState = Type.Object({
  id: Id,
  state: Type.Enum(['open', 'redeemed', 'cancelled', 'dead', 'expired'], {
    description: 'dead: the transaction code was guessed wrong five times',
    examples: ['redeemed'],
  }),
  credentials: Type.Array(Type.String(), { examples: [['pupil']] }),
  created_at: time('when it was made'),
  expires_at: time('until when it can be redeemed'),
  redeemed_at: Type.Optional(time('when a wallet redeemed it')),
  issued: Type.Array(
    Type.Object({
      id: Type.String({
        description: 'names the copies when they are to be revoked',
        examples: ['0cVwYl5xkWmZp7Qd2nR8sA'],
      }),
      credential: Type.String({ examples: ['pupil'] }),
      copies: Type.Integer({ examples: [10] }),
      state: Type.Enum(['intended', 'delivered', 'revoked'], { examples: ['delivered'] }),
      issued_at: time('when it was signed'),
      reported: Type.Optional(
        Type.String({ description: 'what the wallet reported last', examples: ['credential_accepted'] }),
      ),
    }),
  ),
})

/** The offer that a wallet fetches. VCI#credential-offer-parameters */
export const CredentialOffer = Type.Object(
  {
    credential_issuer: Type.String({ examples: ['https://issuer.example/schools/de-waterlelie'] }),
    credential_configuration_ids: Type.Array(Type.String(), { examples: [['pupil']] }),
    grants: Type.Object(
      {},
      {
        additionalProperties: true,
        examples: [
          {
            'urn:ietf:params:oauth:grant-type:pre-authorized_code': {
              'pre-authorized_code': 'oaKazRN8I0IbtZ0C7JuMn5Vbt9bRgTZpSXPzD3P2',
              tx_code: { input_mode: 'numeric', length: 6 },
            },
          },
        ],
      },
    ),
  },
  { additionalProperties: true },
)
