import { defineShape } from '@samen/strict-json'
import t from 'tap'
import { plainText } from './wire-text.ts'

const shape = defineShape(plainText(120))
const takes = (text: string) => shape.is(text)

t.test(
  'text that a page shows otherwise than it was signed, or not at all, is refused wherever it stands',
  async (t) => {
    const hidden: Record<string, string> = {
      'a mark that turns the direction around': '\u061c',
      'a vowel separator without a width': '\u180e',
      'a switch of older texts': '\u206a',
      'the beginning of a note between lines': '\ufff9',
      'a letter of a hidden tag': '\u{e0041}',
      'half a character': '\ud800',
      'the other half': '\udc00',
      'a private sign, which each font draws otherwise': '\ue000',
      'a filler without ink': '\u3164',
      'a narrow filler': '\uffa0',
      'a filler of a syllable': '\u115f',
      'another one': '\u1160',
      'a Braille pattern without dots': '\u2800',
      'a joiner that nobody sees': '\u034f',
      'a line separator': '\u2028',
      'a paragraph separator': '\u2029',
      'a line break': '\n',
      'a soft hyphen': '\u00ad',
    }
    for (const [what, sign] of Object.entries(hidden)) {
      for (const text of [sign, `Rekenen${sign}`, `${sign}Rekenen`, `Reke${sign}nen`]) t.notOk(takes(text), what)
    }
    for (const blank of [' ', '\u00a0', '\u3000', ' Rekenen', 'Rekenen\u00a0']) t.notOk(takes(blank), 'an empty place')
  },
)

t.test('what people write in any language is taken', async (t) => {
  for (const text of [
    'Één reden: “precies” dít, 100% zeker – écht.',
    'Sommen voor groep 7 ❤️',
    'حساب',
    '算数',
    'Ψ a\u00a0b',
    '👩🏽',
  ]) {
    t.ok(takes(text), text)
  }
})
