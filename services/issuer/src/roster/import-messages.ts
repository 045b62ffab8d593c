import { Type } from 'typebox'
import { Id } from '../api-schema.ts'

const count = (example: number, description?: string) =>
  Type.Integer({ minimum: 0, examples: [example], ...(description !== undefined && { description }) })
const share = (of: number, description: string) => Type.Object({ count: count(0), of: count(of) }, { description })

const Report = Type.Object({
  accepted: Type.Object({
    pupils: count(64),
    guardians: count(63, 'people with authority over at least one of the pupils'),
    guardianships: count(106, 'pairs of such a person and a pupil'),
    enrolments: count(64),
    classes: count(8),
    without_authority: count(4, 'pupils of whom the administration does not say who decides'),
  }),
  rejected: Type.Array(
    Type.Object({
      file: Type.String({ examples: ['users.csv'] }),
      row: count(82, 'the header is row 1'),
      reason: Type.String({ examples: ['national-number'] }),
      detail: Type.String({
        examples: ['a column holds what looks like a BSN or onderwijsnummer; the whole row was dropped'],
      }),
    }),
    { description: 'the first thousand; nothing that stood in a row' },
  ),
  rejected_count: count(26),
  changes: Type.Optional(
    Type.Object(
      { added: count(2), changed: count(8), unchanged: count(54), removed: count(1) },
      { description: 'when applied' },
    ),
  ),
  missing: Type.Optional(
    Type.Object({
      pupils: share(64, 'whom no file names any more'),
      guardianships: share(106, 'where somebody had authority'),
      classes: share(64, 'pupils who had one'),
      ages: share(63, 'pupils of whom was known how old they are'),
    }),
  ),
  gaps: Type.Optional(
    Type.Object({
      pupils: share(69, 'named, without a usable row'),
      guardians: share(64, 'pupils with a holder of authority who is not in the delivery'),
      enrolments: share(64, 'pupils without any'),
      ages: share(64, 'pupils without a row in demographics.csv'),
    }),
  ),
  held_for: Type.Optional(
    Type.Array(Type.String(), {
      description: 'when held: what is too much to be believed; send the same zip with ?confirm={id} when it is true',
      examples: [['missing.pupils']],
    }),
  ),
  refusal: Type.Optional(
    Type.Object(
      {
        reason: Type.String({ examples: ['damaged-zip'] }),
        file: Type.Optional(Type.String({ examples: ['users.csv'] })),
        row: Type.Optional(count(17)),
        detail: Type.String({ examples: ['The zip cannot be read: it was cut off or damaged on the way.'] }),
      },
      { description: 'when refused' },
    ),
  ),
})

/** What became of a delivery. */
export const ImportState = Type.Object({
  id: Id,
  state: Type.Union([Type.Literal('applied'), Type.Literal('held'), Type.Literal('refused')], {
    description: 'only an applied delivery has changed anything',
    examples: ['applied'],
  }),
  report: Report,
})

export const ImportQuery = Type.Object({
  confirm: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{22}$',
      description: 'id of the import as which this very zip is held: somebody has looked, and it is true',
    }),
  ),
})
