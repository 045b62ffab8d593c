import { FACTS, VCT_GUARDIANSHIP, VCT_PUPIL } from '@samen/consent'
import type { ClaimDescription, CredentialType, Display } from '@samen/openid4vci'

/** The configurations that a school can offer; the id is also the scope. */
export const CONFIGURATION_IDS = ['pupil', 'guardianship'] as const
export type ConfigurationId = (typeof CONFIGURATION_IDS)[number]

/** How many keys one credential request may bring. VCI#credential-issuer-parameters */
export const BATCH_SIZE = 10

/** Claims that no credential of the type lacks. */
const ALWAYS_THERE = new Set(['enrolled', 'school_year'])

/** What each type is called and holds, as a wallet shows it. */
export const CREDENTIAL_TYPES: Readonly<Record<ConfigurationId, CredentialType>> = {
  pupil: {
    vct: VCT_PUPIL,
    display: inBoth('Leerling', 'Pupil'),
    claims: [
      ...Object.entries(FACTS).map(([name, { path, label }]) =>
        claim(path, label.nl, label.en, ALWAYS_THERE.has(name)),
      ),
      claim(['school_location_code'], 'het nummer van de vestiging', 'the number of the location of the school'),
      claim(['board_id'], 'het nummer van het schoolbestuur', 'the number of the school board'),
      claim(['holiday_region'], 'de vakantieregio', 'the holiday region'),
      claim(['family_name_prefix'], 'het tussenvoegsel van de achternaam', 'the prefix of the last name'),
      claim(['class_ref'], 'een kenmerk van de groep of klas', 'an identifier of the group or class'),
      claim(['pseudonyms'], 'een eigen kenmerk voor elke app', 'a separate identifier for each app'),
    ],
  },
  guardianship: {
    vct: VCT_GUARDIANSHIP,
    display: inBoth('Gezag over een leerling', 'Authority over a pupil'),
    claims: [
      claim(['authority'], 'het soort gezag', 'the kind of authority', true),
      claim(['verified_by'], 'waarmee het gezag is aangetoond', 'what proved the authority', true),
      claim(['verified_at'], 'de maand waarin dat is nagekeken', 'the month in which that was checked', true),
      claim(['relation'], 'je relatie tot de leerling', 'your relation to the pupil'),
      claim(['co_holder_count'], 'hoeveel anderen ook gezag hebben', 'how many others have authority too'),
      claim(['decide_until'], 'tot wanneer u beslist', 'until when you decide'),
      claim(
        ['pseudonyms'],
        'een eigen kenmerk van de leerling voor elke partij',
        'a separate identifier of the pupil for each party',
      ),
      claim(
        ['holder_pseudonyms'],
        'een eigen kenmerk van uzelf voor het register',
        'an identifier of yourself for the registry',
      ),
    ],
  },
}

/** The dataset behind each configuration of one token: there is one, so its name needs to say no more. VCI#token-response */
export const CREDENTIAL_IDENTIFIERS: Readonly<Record<string, ConfigurationId>> = {
  'pupil.1': 'pupil',
  'guardianship.1': 'guardianship',
}

/** The identifier of the dataset of a configuration. */
export const identifierOf = (configuration: string): string => `${configuration}.1`

/** Whether schools issue a credential of this `credential_configuration_id`. */
export function isConfigurationId(id: string): id is ConfigurationId {
  return (CONFIGURATION_IDS as readonly string[]).includes(id)
}

function claim(path: readonly string[], nl: string, en: string, mandatory = false): ClaimDescription {
  return { path, mandatory, display: inBoth(nl, en) }
}

function inBoth(nl: string, en: string): readonly Display[] {
  return [
    { name: nl, locale: 'nl' },
    { name: en, locale: 'en' },
  ]
}
