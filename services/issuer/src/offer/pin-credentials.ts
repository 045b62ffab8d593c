import { pairwisePseudonym } from '@samen/consent'
import type { DisclosurePlan } from '@samen/sd-jwt-vc'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { Audiences } from '../agreement/read-audiences.ts'
import { type ConfigurationId, CREDENTIAL_TYPES } from '../metadata/credential-types.ts'
import type { GuardianFacts, PupilFacts } from '../roster/read-facts.ts'
import type { School } from '../school/school.ts'

/** Pseudonyms do not change with the years; a new epoch would break every tie to an app on purpose. */
const EPOCH = '1'

/** The ways in which two staff members can have seen that somebody holds authority. */
export const VERIFICATION_METHODS = ['brp-extract', 'gezagsregister-extract', 'court-order', 'school-declared'] as const
export type VerificationMethod = (typeof VERIFICATION_METHODS)[number]

/** One credential as it will be signed, whoever signs it and whenever: copies differ in key, salts and place only. */
export interface PinnedCredential {
  readonly vct: string
  /** ISO 8601 */
  readonly expiresAt: string
  readonly claims: DisclosurePlan
}

export type PinnedCredentials = Readonly<Partial<Record<ConfigurationId, PinnedCredential>>>

/** The facts of a pupil as a credential. */
export function pinPupil(school: School, pupil: PupilFacts, audiences: Audiences): PinnedCredential {
  return {
    vct: CREDENTIAL_TYPES.pupil.vct,
    expiresAt: credentialsExpireAt(pupil).toISOString(),
    claims: {
      visible: { enrolled: true, school_year: pupil.schoolYear },
      hidden: present({
        sector: school.sector,
        school_name: school.name,
        school_brin: school.brin,
        school_location_code: school.brin.slice(4),
        board_id: pupil.boardId,
        holiday_region: school.holidayRegion,
        enrolment_since: pupil.enrolmentSince,
        given_name: pupil.givenName,
        family_name: pupil.familyName,
        family_name_prefix: pupil.familyNamePrefix,
        year_group: pupil.yearGroup,
        group_label: pupil.groupLabel,
        class_ref: pupil.classRef,
      }),
      hiddenMembers: {
        age_equal_or_over: present({ ...pupil.ageEqualOrOver }),
        pseudonyms: pseudonyms(school, pupil.pupilId, [...audiences.registries, ...audiences.apps]),
      },
    },
  }
}

/** That this guardian may decide for this pupil, checked with `method` in the month of `now`. */
export function pinGuardianship(
  school: School,
  pupil: PupilFacts,
  guardian: GuardianFacts,
  audiences: Audiences,
  verification: { readonly method: VerificationMethod; readonly now: Date },
): PinnedCredential {
  return {
    vct: CREDENTIAL_TYPES.guardianship.vct,
    expiresAt: credentialsExpireAt(pupil).toISOString(),
    claims: {
      visible: {
        authority: guardian.authority,
        verified_by: verification.method,
        verified_at: verification.now.toISOString().slice(0, 7),
      },
      hidden: {
        relation: guardian.relation,
        co_holder_count: guardian.coHolderCount,
        decide_until: guardian.decideUntil,
      },
      hiddenMembers: {
        pseudonyms: pseudonyms(school, pupil.pupilId, [...audiences.registries, ...audiences.apps]),
        holder_pseudonyms: pseudonyms(school, guardian.guardianId, audiences.registries),
      },
    },
  }
}

/**
 * When every credential of a school year ends: 31 days after 31 July, the same day for all, so that it says nothing about
 * anyone (a birthday, a day of issue). SDJ#section-10.1
 */
export function credentialsExpireAt(pupil: Pick<PupilFacts, 'schoolYear'>): Date {
  const lastYear = Number(pupil.schoolYear.slice(5))
  return new Date(Date.UTC(lastYear, 7, 31))
}

/**
 * No credential lives longer, whoever asks: from two months before a school year, when its roster may come, to the end of the credentials
 * of that year, with some days to spare.
 */
export const LONGEST_LIFETIME_MS = 460 * 86_400_000

function pseudonyms(school: School, subject: string, audiences: readonly string[]): JsonObject {
  return Object.fromEntries(
    [...new Set(audiences)].map((audience) => [
      audience,
      pairwisePseudonym(school.pseudonymKey, audience, subject, EPOCH),
    ]),
  )
}

/** What the administration does not know is not in the credential, rather than empty. */
function present(claims: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)) as JsonObject
}
