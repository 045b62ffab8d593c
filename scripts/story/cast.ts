import { STORY_PUPILS, STORY_SCHOOLS } from '../../tests/fixtures/cast.ts'

export const BOARD = { name: 'Stichting Waterkant' }

/** The schools of the sample board: names and BRIN codes as they stand in the roster. The first one is the story's. */
export const SCHOOLS = STORY_SCHOOLS
export const [SCHOOL] = SCHOOLS

/** The child of the story, its two guardians, and a sibling: `sourcedId`s of the roster. */
export const { child: CHILD, sibling: SIBLING, guardians: GUARDIANS } = STORY_PUPILS

export const APPS = [
  { slug: 'rekenrijk', name: 'Rekenrijk' },
  { slug: 'leesvonk', name: 'Leesvonk' },
] as const

const YEAR_GROUP = {
  fact: 'year_group',
  why: { nl: 'Om oefeningen op het goede niveau te geven.', en: 'To give exercises at the right level.' },
}

/** What each app registers, until the last day of the school year: who asks what, why, and on which basis. */
export const PURPOSES = {
  rekenrijk: {
    title: { nl: 'Rekenen op eigen niveau', en: 'Arithmetic at your own level' },
    why: {
      nl: 'Rekenrijk kiest sommen die bij het leerjaar van je kind passen.',
      en: 'Rekenrijk picks sums that fit the year group of your child.',
    },
    claims: [
      YEAR_GROUP,
      {
        fact: 'age_over_12',
        why: { nl: 'Om te weten welke uitleg past.', en: 'To know which explanation fits.' },
      },
    ],
    legal_basis: 'consent',
    retention: 'P1Y',
  },
  leesvonk: {
    title: { nl: 'Lezen met plezier', en: 'Reading for fun' },
    why: { nl: 'Leesvonk kiest boeken die passen.', en: 'Leesvonk picks books that fit.' },
    claims: [YEAR_GROUP],
    legal_basis: 'consent',
    retention: 'P6M',
  },
} as const
