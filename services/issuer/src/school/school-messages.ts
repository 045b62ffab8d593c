import { type Static, Type } from 'typebox'
import { closed } from '../api-schema.ts'
import { HOLIDAY_REGIONS, SECTORS } from './school.ts'

/** What the operator sends to add a school. */
export type SchoolOrder = Static<typeof SchoolOrder>
export const SchoolOrder = closed({
  slug: Type.String({
    pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
    description: 'last part of its address, for good',
    examples: ['de-waterlelie'],
  }),
  name: Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    examples: ['Basisschool De Waterlelie'],
  }),
  brin: Type.String({
    pattern: '^[0-9]{2}[A-Z]{2}[0-9]{2}$',
    description: 'BRIN with the number of the location; its rosters carry the same',
    examples: ['99ZA00'],
  }),
  sector: Type.Enum([...SECTORS], { description: 'primary, secondary or special education', examples: ['po'] }),
  holiday_region: Type.Optional(Type.Enum([...HOLIDAY_REGIONS], { examples: ['noord'] })),
})

/** What is answered. */
export const SchoolMade = Type.Object({
  entity_id: Type.String({ examples: ['https://issuer.example/schools/de-waterlelie'] }),
  api_key: Type.String({
    description: 'may do everything; shown this once',
    examples: ['lb3PS8Nn0Uo1ksdxvg7y9ZRpnnMq2Qe0oTnYwzqkKQk'],
  }),
})
