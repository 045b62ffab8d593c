import t from 'tap'
import { readAuthority } from './parental-authority.ts'

t.test('reads the four kinds of authority', async (t) => {
  t.same(readAuthority('{g1:joint}, {g2:joint}'), {
    holders: [
      { sourcedId: 'g1', authority: 'joint' },
      { sourcedId: 'g2', authority: 'joint' },
    ],
  })
  t.same(readAuthority('{g1:sole}'), { holders: [{ sourcedId: 'g1', authority: 'sole' }] })
  t.same(readAuthority('{v1:voogd}'), { holders: [{ sourcedId: 'v1', authority: 'voogd' }] })
  t.same(readAuthority('{gi:institution}'), { holders: [{ sourcedId: 'gi', authority: 'institution' }] })
})

t.test('nothing filled in means that nobody is known to decide', async (t) => {
  t.same(readAuthority('  '), { holders: [] })
})

t.test('what cannot be read gives nobody authority', async (t) => {
  for (const text of ['g1:joint', '{g1}', '{g1:boss}', '{g1:joint},', '{:sole}', '{a:b:sole}', '{g1:joint}{g2:joint}'])
    t.same(readAuthority(text), { reason: 'authority-malformed' }, text)
})

t.test('what contradicts itself gives nobody authority', async (t) => {
  for (const text of [
    '{g1:joint}',
    '{g1:joint},{g1:joint}',
    '{g1:sole},{g2:sole}',
    '{g1:sole},{g2:joint}',
    '{g1:joint},{g2:joint},{g3:joint}',
  ])
    t.same(readAuthority(text), { reason: 'authority-inconsistent' }, text)
})
