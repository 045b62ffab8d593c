import t from 'tap'
import documents from '../../../tests/vectors/JCS/documents.json' with { type: 'json' }
import numbers from '../../../tests/vectors/JCS/numbers.json' with { type: 'json' }
import { canonicalJson, type JsonValue, parseJson } from './strict-json.ts'

t.test('the documents of RFC 8785 come out as the RFC says', async (t) => {
  t.equal(documents.documents.length, 6)
  for (const { name, input, output } of documents.documents) t.equal(canonicalJson(JSON.parse(input)), output, name)
})

t.test('the numbers of RFC 8785 come out as the RFC says, and those without a text are refused', async (t) => {
  t.equal(numbers.numbers.length, 24)
  for (const [bits = '', text] of numbers.numbers) t.equal(canonicalJson(fromBits(bits)), text, bits)
  for (const bits of numbers.refused) t.throws(() => canonicalJson([fromBits(bits)]), { code: 'number_out_of_range' })
})

function fromBits(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE()
}

t.test('two spellings of one decision have one text', async (t) => {
  const spelled = parseJson('{ "b": [1.0, "\\u00e9"], "a": {"y": null, "x": true} }', { maxBytes: 100 })
  const otherwise = parseJson('{"a":{"x":true,"y":null},"b":[1,"é"]}', { maxBytes: 100 })
  t.equal(canonicalJson(spelled), canonicalJson(otherwise))
  t.equal(canonicalJson(otherwise), '{"a":{"x":true,"y":null},"b":[1,"é"]}')
})

t.test('what JSON cannot say has no text', async (t) => {
  const notJson = [undefined, () => 1, Symbol('a'), 1n, new Date(0), new Map(), [undefined], { a: undefined }]
  for (const value of notJson) t.throws(() => canonicalJson(value as unknown as JsonValue), { code: 'not_json' })
  t.throws(() => canonicalJson(new Array(2)), { code: 'not_json' }, 'holes')
  t.throws(() => canonicalJson(['\ud800']), { code: 'forbidden_character' })
  t.throws(() => canonicalJson({ '\udc00': 1 }), { code: 'forbidden_character' })
  t.equal(canonicalJson(Object.assign(Object.create(null), { a: 1 })), '{"a":1}')
})

t.test('a value that contains itself ends in a refusal', async (t) => {
  const loop: JsonValue[] = []
  loop.push(loop)
  t.throws(() => canonicalJson(loop), { code: 'too_deep' })
  let nested: JsonValue = []
  for (let level = 1; level < 32; level += 1) nested = [nested]
  t.equal(canonicalJson(nested), '['.repeat(32) + ']'.repeat(32))
  t.throws(() => canonicalJson([nested]), { code: 'too_deep' })
  const inObject: JsonValue = { a: {} }
  inObject['a'] = inObject
  t.throws(() => canonicalJson(inObject), { code: 'too_deep' })
})
