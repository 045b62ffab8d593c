import fc from 'fast-check'
import t, { type Test } from 'tap'
import { parseJson, StrictJsonError, type StrictJsonErrorCode } from './strict-json.ts'

const read = (text: string) => parseJson(text, { maxBytes: 10_000 })

function refused(t: Test, text: string, code: StrictJsonErrorCode, about = text) {
  t.throws(() => read(text), { name: 'StrictJsonError', code }, about)
}
t.test('ordinary JSON is read as everybody reads it', async (t) => {
  const text =
    ' { "a" : [ 1 , -2.5e3 , true , false , null , "" ] ,\r\n\t"b":{"é\\u00e9\\n\\/":"\\ud83d\\ude00😀"} , "" : [] , "c":{}} '
  t.same(read(text), JSON.parse(text))
  t.equal(read('0'), 0)
  t.equal(read('"x"'), 'x')
  t.equal(read('null'), null)
})

t.test('whatever is written as JSON is read back, for thousands of made-up values', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value, null, 1)
      return acceptedOrCode(text) === JSON.stringify(JSON.parse(text))
    }),
    { numRuns: 500, seed: 1 },
  )
  t.pass('no counterexample')
})

/** Made-up values may hold what we refuse on purpose: then the refusal must be one of those. */
function acceptedOrCode(text: string): string {
  try {
    return JSON.stringify(read(text))
  } catch (error) {
    if (error instanceof StrictJsonError && error.code !== 'not_json') return JSON.stringify(JSON.parse(text))
    throw error
  }
}

t.test('what is no JSON for the language is no JSON for us, for thousands of damaged texts', async (t) => {
  const alphabet = fc.constantFrom(
    ...'{}[]:,"\\ue01+-.tfn \n',
    'true',
    'null',
    'fals',
    '"a"',
    '1e1',
    '\u00a0',
    '\ufeff',
  )
  const texts = fc.sample(
    fc.array(alphabet, { maxLength: 8 }).map((parts) => parts.join('')),
    { numRuns: 3000, seed: 2 },
  )
  const broken = texts.filter((text) => throws(() => JSON.parse(text)))
  t.ok(broken.length > 1000)
  t.same(
    broken.filter((text) => !throws(() => read(text))),
    [],
  )
})

function throws(act: () => unknown): boolean {
  try {
    act()
    return false
  } catch {
    return true
  }
}

t.test('broken texts are refused', async (t) => {
  const broken = [
    '',
    ' ',
    '{',
    '[',
    '"a',
    '"a\\',
    '"\\x"',
    '"\\u12"',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '{"a":1,}',
    '[1,]',
    '[1 2]',
  ]
  for (const text of broken) refused(t, text, 'not_json')
  for (const text of ['01', '1.', '.5', '+1', '1e', '-', '0x1', 'NaN', 'Infinity', 'tru', 'nul', 'undefined', "'a'"]) {
    refused(t, text, 'not_json')
  }
  for (const text of ['{} {}', '1,', 'null null', '{"a":1}x', '"a"\u0000', '[]]']) refused(t, text, 'not_json')
  refused(t, '"line\nbreak"', 'not_json')
  refused(t, '\ufeff{}', 'not_json', 'byte order mark')
})

t.test('a member that occurs twice is refused, however it is spelled', async (t) => {
  refused(t, '{"iss":"a","iss":"b"}', 'duplicate_member')
  refused(t, '{"iss":"a","\\u0069ss":"b"}', 'duplicate_member')
  refused(t, '[{"x":{"":1,"":2}}]', 'duplicate_member')
  t.same(read('{"a":{"a":1}}'), { a: { a: 1 } }, 'in another object it is another member')
  t.same(
    read('{"toString":1,"hasOwnProperty":2}'),
    { toString: 1, hasOwnProperty: 2 },
    'what objects inherit does not count',
  )
})

t.test('members that reach into the prototype chain are refused, however they are spelled', async (t) => {
  refused(t, '{"__proto__":{"admin":true}}', 'forbidden_member')
  refused(t, '{"\\u005f_proto__":{"admin":true}}', 'forbidden_member')
  refused(t, '{"a":[{"constructor":1}]}', 'forbidden_member')
  refused(t, '{"prototype":1}', 'forbidden_member')
  t.equal(({} as Record<string, unknown>)['admin'], undefined)
})

t.test('nesting is read down to 32 levels and not one further', async (t) => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  t.ok(read(nested(32)))
  refused(t, nested(33), 'too_deep')
  refused(t, `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'too_deep', 'objects')
  refused(t, '['.repeat(9_000), 'too_deep', 'an open end')
  t.ok(read(`[${'[],'.repeat(40)}[]]`), 'beside each other is not inside each other')
})

t.test('numbers that a program would change in silence are refused', async (t) => {
  t.equal(read('9007199254740991'), 2 ** 53 - 1)
  t.equal(read('-9007199254740991'), 1 - 2 ** 53)
  for (const text of ['9007199254740992', '-9007199254740993', '1e16', '1e400', '-1e400', '1E30']) {
    refused(t, text, 'number_out_of_range')
  }
  refused(t, `0.${'1'.repeat(70)}`, 'number_out_of_range', 'longer than 64 characters')
  t.equal(read(`0.${'1'.repeat(62)}`), 0.1111111111111111, 'exactly 64 characters')
})

t.test('NUL and half surrogate pairs are refused, raw and escaped', async (t) => {
  refused(t, '"\\u0000"', 'forbidden_character')
  refused(t, '"\u0000"', 'forbidden_character', 'raw NUL')
  refused(t, '{"a\\u0000b":1}', 'forbidden_character', 'in a name')
  refused(t, '"\\ud800"', 'forbidden_character')
  refused(t, '"\\udc00\\ud800"', 'forbidden_character')
  refused(t, '"\ud800"', 'forbidden_character', 'raw half')
  t.equal(read('"\\ud83d\\ude00"'), '😀')
})

t.test('the limit counts bytes and not characters', async (t) => {
  t.equal(parseJson('"é"', { maxBytes: 4 }), 'é')
  t.throws(() => parseJson('"é"', { maxBytes: 3 }), { code: 'too_large' })
  t.equal(parseJson('"aa"', { maxBytes: 4 }), 'aa')
  t.throws(() => parseJson('"aa"', { maxBytes: 3 }), { code: 'too_large' })
  t.throws(() => parseJson(' '.repeat(11), { maxBytes: 10 }), { code: 'too_large' })
})

t.test('a refusal never repeats what was sent', async (t) => {
  try {
    read('{"secret-name":1,"secret-name":2}')
    t.fail('it was read')
  } catch (error) {
    t.notMatch(String(error), 'secret')
  }
})
