import t from 'tap'
import { type Act, type ConsentState, DecisionRefused, decide, type RequestFacts, stateAt } from './consent-policy.ts'

const NOW = new Date('2026-11-10T12:00:00Z')
const open: RequestFacts = {
  recorded: 'requested',
  guardians: 'every',
  expiresAt: new Date('2026-11-24T12:00:00Z'),
  until: '2027-07-31',
  saidYes: [],
  givenBy: [],
}
const both = ['mother', 'father']
const given: RequestFacts = { ...open, recorded: 'given', saidYes: both, givenBy: both }
const yes: Act = { word: 'yes', party: 'mother', authority: 'live', sameChild: true, sameHolders: true, holders: 2 }
const no: Act = { word: 'no', party: 'mother', authority: 'live', sameChild: true }
const withdraw: Act = { ...no, word: 'withdraw' }
const gone: Act = { ...withdraw, party: 'third', authority: 'ended' }
const LATE = new Date('2026-11-24T12:00:00Z')
const AFTER_UNTIL = new Date('2027-08-01T00:00:00Z')

type Row = readonly [
  sentence: string,
  facts: RequestFacts,
  act: Act,
  now: Date,
  outcome: ConsentState | DecisionRefused['code'],
]

const TABLE: readonly Row[] = [
  ['the first of two guardians says yes: still waiting', open, yes, NOW, 'requested'],
  ['the second of two says yes: given', { ...open, saidYes: ['father'] }, yes, NOW, 'given'],
  ['a sole guardian says yes: given', open, { ...yes, holders: 1 }, NOW, 'given'],
  ['one of two says yes where the school asks one: given', { ...open, guardians: 'one' }, yes, NOW, 'given'],
  ['two of three say yes: still waiting', { ...open, saidYes: ['father'] }, { ...yes, holders: 3 }, NOW, 'requested'],
  ['the same guardian says yes twice: counts once', { ...open, saidYes: ['mother'] }, yes, NOW, 'already_said'],
  ['one says no before anyone else: refused', open, no, NOW, 'refused'],
  ['one says no after the other said yes: refused', { ...open, saidYes: ['father'] }, no, NOW, 'refused'],
  ['a guardian changes an own yes into no in time: refused', { ...open, saidYes: ['mother'] }, no, NOW, 'refused'],
  ['one says no where the school asks one: refused', { ...open, guardians: 'one' }, no, NOW, 'refused'],
  ['a guardian of another child says yes', open, { ...yes, sameChild: false }, NOW, 'another_child'],
  ['a guardian of another child says no', open, { ...no, sameChild: false }, NOW, 'another_child'],
  ['a guardian of another child withdraws', given, { ...withdraw, sameChild: false }, NOW, 'another_child'],
  ['a guardian whose authority ended says yes', open, { ...yes, authority: 'ended' }, NOW, 'authority_ended'],
  ['a guardian whose authority ended says no', open, { ...no, authority: 'ended' }, NOW, 'authority_ended'],
  ['one whose authority ended, and who said nothing, says no', given, { ...gone, word: 'no' }, NOW, 'authority_ended'],
  ['one whose authority ended, and who said nothing, withdraws', given, gone, NOW, 'authority_ended'],
  ['one whose authority ended takes back an own yes', given, { ...withdraw, authority: 'ended' }, NOW, 'withdrawn'],
  [
    'one whose authority ended says no to what stands on an own yes',
    given,
    { ...no, authority: 'ended' },
    NOW,
    'withdrawn',
  ],
  [
    'one whose yes had lost its authority before the other gave, withdraws',
    { ...given, givenBy: ['father'] },
    { ...withdraw, authority: 'ended' },
    NOW,
    'authority_ended',
  ],
  ['who takes back an own yes needs nobody', given, { ...withdraw, authority: 'not-asked' }, NOW, 'withdrawn'],
  ['who said nothing is not taken at their word', given, { ...gone, authority: 'not-asked' }, NOW, 'authority_ended'],
  ['nobody says yes unasked', open, { ...yes, authority: 'not-asked' }, NOW, 'authority_ended'],
  [
    'one whose authority ended has no veto over a question that is open, also after an own yes',
    { ...open, saidYes: ['mother'] },
    { ...no, authority: 'ended' },
    NOW,
    'authority_ended',
  ],
  [
    'an own yes about another child is taken back by nobody',
    given,
    { ...withdraw, authority: 'ended', sameChild: false },
    NOW,
    'another_child',
  ],
  [
    'the papers of two guardians disagree on how many there are',
    open,
    { ...yes, sameHolders: false },
    NOW,
    'holders_disagree',
  ],
  ['nothing was given yet, so there is nothing to withdraw', open, withdraw, NOW, 'nothing_to_withdraw'],
  ['one of two who said yes withdraws', given, withdraw, NOW, 'withdrawn'],
  [
    'a guardian who never answered withdraws',
    { ...given, saidYes: ['father'], guardians: 'one' },
    withdraw,
    NOW,
    'withdrawn',
  ],
  ['a no a second after the last yes ends the consent', given, no, NOW, 'withdrawn'],
  ['a yes to what was given already, by one who said it', given, yes, NOW, 'already_said'],
  ['a yes to what was given already, by one who did not', given, { ...yes, party: 'third' }, NOW, 'ended'],
  ['a yes in the last second', open, { ...yes, holders: 1 }, new Date(LATE.getTime() - 1000), 'given'],
  ['a yes at the moment the question closes', open, { ...yes, holders: 1 }, LATE, 'ended'],
  ['a no after the question closed', open, no, LATE, 'ended'],
  [
    'a yes after the last day of the purpose',
    { ...open, expiresAt: new Date('2028-01-01T00:00:00Z') },
    yes,
    AFTER_UNTIL,
    'ended',
  ],
  ['a withdrawal on the last day', given, withdraw, new Date('2027-07-31T23:59:59Z'), 'withdrawn'],
  ['a withdrawal after it ended by itself', given, withdraw, AFTER_UNTIL, 'ended'],
  ...(['refused', 'withdrawn', 'expired'] as const).flatMap((recorded): Row[] => [
    [`a yes to what is ${recorded}`, { ...open, recorded }, yes, NOW, 'ended'],
    [`a no to what is ${recorded}`, { ...open, recorded }, no, NOW, 'ended'],
    [`a withdrawal of what is ${recorded}`, { ...open, recorded }, withdraw, NOW, 'ended'],
  ]),
]

for (const [sentence, facts, act, now, outcome] of TABLE) {
  t.test(`${sentence}: ${outcome}`, async (t) => {
    t.equal(outcomeOf(facts, act, now), outcome)
  })
}

t.test('silence never becomes a yes, however long it lasts', async (t) => {
  for (const saidYes of [[], ['mother']]) {
    for (let days = 0; days < 700; days += 7) {
      const state = stateAt({ ...open, saidYes } as RequestFacts, new Date(NOW.getTime() + days * 86_400_000))
      t.equal(state, days < 14 ? 'requested' : 'expired', `after ${days} days`)
    }
  }
})

t.test('what was given holds until the end of its last day and not longer', async (t) => {
  t.equal(stateAt(given, new Date('2027-07-31T23:59:59Z')), 'given')
  t.equal(stateAt(given, AFTER_UNTIL), 'expired')
})

t.test('no act by anyone opens what has ended', async (t) => {
  for (const recorded of ['refused', 'withdrawn', 'expired'] as const) {
    t.equal(stateAt({ ...open, recorded }, NOW), recorded)
  }
})

function outcomeOf(facts: RequestFacts, act: Act, now: Date): string {
  try {
    return decide(facts, act, now)
  } catch (error) {
    if (error instanceof DecisionRefused) return error.code
    throw error
  }
}
