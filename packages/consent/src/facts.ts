import { VCT_PUPIL } from './credential-types.ts'

/**
 * The closed list of what a purpose may name. What is not here cannot be asked: no citizen service number, birth date,
 * diagnosis, religion, origin or address exists in any credential.
 */
export type Fact = {
  /** the key of the credential in an issuer's configuration */
  readonly credential: 'pupil'
  readonly vct: string
  /** claims path in the credential, as in a DCQL query */
  readonly path: readonly string[]
  /** what a parent reads */
  readonly label: { readonly nl: string; readonly en: string }
}

export type FactName =
  | 'enrolled'
  | 'school_year'
  | 'sector'
  | 'school_name'
  | 'school_brin'
  | 'enrolment_since'
  | 'year_group'
  | 'group_label'
  | 'given_name'
  | 'family_name'
  | 'age_over_12'
  | 'age_over_13'
  | 'age_over_16'
  | 'age_over_18'

export const FACTS: Readonly<Record<FactName, Fact>> = Object.freeze({
  enrolled: pupilFact(['enrolled'], 'dat je kind op deze school zit', 'that your child goes to this school'),
  school_year: pupilFact(['school_year'], 'het schooljaar', 'the school year'),
  sector: pupilFact(['sector'], 'het soort onderwijs (basis, voortgezet of speciaal)', 'the kind of school'),
  school_name: pupilFact(['school_name'], 'de naam van de school', 'the name of the school'),
  school_brin: pupilFact(['school_brin'], 'het nummer van de school (BRIN)', 'the number of the school (BRIN)'),
  enrolment_since: pupilFact(
    ['enrolment_since'],
    'de maand waarin je kind op deze school begon',
    'the month in which your child started at this school',
  ),
  year_group: pupilFact(['year_group'], 'het leerjaar', 'the year group'),
  group_label: pupilFact(['group_label'], 'de naam van de groep of klas', 'the name of the group or class'),
  given_name: pupilFact(['given_name'], 'de voornaam van je kind', 'the first name of your child'),
  family_name: pupilFact(['family_name'], 'de achternaam van je kind', 'the last name of your child'),
  age_over_12: ageFact('12'),
  age_over_13: ageFact('13'),
  age_over_16: ageFact('16'),
  age_over_18: ageFact('18'),
})

/** True when `name` is in the catalogue; an own member, so that `constructor` is not a fact. */
export function isFactName(name: string): name is FactName {
  return Object.hasOwn(FACTS, name)
}

function ageFact(years: string): Fact {
  return pupilFact(
    ['age_equal_or_over', years],
    `of je kind ${years} jaar of ouder is (ja of nee, geen geboortedatum)`,
    `whether your child is ${years} or older (yes or no, no birth date)`,
  )
}

function pupilFact(path: readonly string[], nl: string, en: string): Fact {
  return Object.freeze({
    credential: 'pupil',
    vct: VCT_PUPIL,
    path: Object.freeze(path),
    label: Object.freeze({ nl, en }),
  })
}
