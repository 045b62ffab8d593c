import t from 'tap'
import Type from 'typebox'
import { defineShape } from './strict-json.ts'

const Offer = defineShape(
  Type.Object({
    id: Type.String({ minLength: 1 }),
    lines: Type.Array(Type.Object({ fact: Type.String() }), { maxItems: 2 }),
    labels: Type.Optional(Type.Record(Type.String(), Type.Number())),
  }),
)

t.test('a value of the right shape comes back as it went in, with the members nobody asked for', async (t) => {
  const value = { id: 'a', lines: [{ fact: 'year_group', extra: true }], unknown: 1 }
  t.equal(
    Offer.read(value, () => new Error('unexpected')),
    value,
  )
  t.ok(Offer.is(value))
  t.equal(Offer.schema.type, 'object')
})

t.test('nothing is bent into shape', async (t) => {
  for (const value of [{ id: 1, lines: [] }, { id: '', lines: [] }, { lines: [] }, [], null, 'text', undefined]) {
    t.notOk(Offer.is(value))
  }
})

t.test('a refusal names the place by the words of the schema, never by those of the sender', async (t) => {
  const pathOf = (value: unknown) => {
    try {
      Offer.read(value, (path) => new Error(path))
    } catch (error) {
      return (error as Error).message
    }
    return 'accepted'
  }
  t.equal(pathOf({ id: 'a', lines: [{ fact: 'b' }, { fact: 2 }] }), '/lines/1/fact')
  t.equal(pathOf({ id: 3, lines: [] }), '/id')
  t.equal(pathOf({ id: 'a', lines: [], labels: { 'Anna de Vries': 'x' } }), '/labels')
  t.equal(pathOf('text'), '')
  t.equal(pathOf({ id: 'a', lines: [] }), 'accepted')
})

t.test(
  'a schema that makes the reader compare all items with all others is refused when the program starts',
  async (t) => {
    const items = Type.Array(Type.String(), { maxItems: 2, uniqueItems: true })
    t.throws(() => defineShape(Type.Object({ items })), RangeError)
  },
)
