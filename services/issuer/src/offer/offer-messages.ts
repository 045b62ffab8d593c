import { type Static, Type } from 'typebox'
import { CONFIGURATION_IDS } from '../metadata/credential-types.ts'
import { VERIFICATION_METHODS } from './pin-credentials.ts'

const reference = (description: string) => Type.String({ minLength: 1, maxLength: 255, description })
const time = (description: string) => Type.String({ format: 'date-time', description })

/** What the desk or the administration sends to make an offer. */
export type OfferOrder = Static<typeof OfferOrder>
export const OfferOrder = Type.Object({
  holder: reference('sourcedId of who gets the credentials: a guardian, or the pupil itself'),
  subject: reference('sourcedId of the pupil that they are about'),
  credentials: Type.Array(Type.Enum([...CONFIGURATION_IDS]), { minItems: 1, maxItems: 2 }),
  grant: Type.Literal('pre-authorized_code'),
  tx_code: Type.Optional(
    Type.Union([Type.Literal('required'), Type.Literal('none')], {
      description: 'required when absent; none is for the pupil credential at the desk and makes the offer short-lived',
    }),
  ),
  verification: Type.Optional(
    Type.Object(
      {
        method: Type.Enum([...VERIFICATION_METHODS]),
        checked_by: Type.Array(reference('a staff member'), { minItems: 2, maxItems: 2 }),
      },
      { description: 'needed for guardianship: two staff members have seen the document' },
    ),
  ),
})

/** What is answered once, and never again: the codes are not stored. */
export type OfferMade = Static<typeof OfferMade>
export const OfferMade = Type.Object({
  id: Type.String(),
  offer_uri: Type.String({ description: 'opens a wallet' }),
  page_url: Type.String({ description: 'a page with the QR code and the link' }),
  tx_code: Type.Optional(Type.String({ description: 'to be given to the holder by another way than the offer' })),
  expires_at: time('until when the offer can be redeemed'),
})

/** How an offer stands. Ids and codes, nobody's data. */
export type OfferState = Static<typeof OfferState>
export const OfferState = Type.Object({
  id: Type.String(),
  state: Type.Enum(['open', 'redeemed', 'cancelled', 'dead', 'expired']),
  credentials: Type.Array(Type.String()),
  created_at: time('when it was made'),
  expires_at: time('until when it can be redeemed'),
  redeemed_at: Type.Optional(time('when a wallet redeemed it')),
  issued: Type.Array(
    Type.Object({
      id: Type.String({ description: 'names the issued copies when they are to be revoked' }),
      credential: Type.String(),
      copies: Type.Integer(),
      state: Type.Enum(['intended', 'delivered', 'revoked']),
      issued_at: time('when it was signed'),
      reported: Type.Optional(Type.String({ description: 'what the wallet reported last' })),
    }),
  ),
})
