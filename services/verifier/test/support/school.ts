import { randomBytes } from 'node:crypto'
import { MARK_SCHOOL, pairwisePseudonym, VCT_PUPIL } from '@samen/consent'
import type { PublicJwk, SigningKey } from '@samen/jwt-profile'
import { issueSdJwtVc } from '@samen/sd-jwt-vc'
import { compressStatusList, newBits, setStatus, signStatusListToken } from '@samen/status-list'
import { type Others, serveMember, type TestFederation } from '@samen/test-kit'

/** A school that is a member, with a status list over HTTP. */
export interface School {
  readonly entityId: string
  readonly credentialKey: SigningKey
  pseudonym(audience: string, pupil: string): string
  /** A credential for a holder's key; `pupil` chooses the child and `idx` its place in the list. */
  issue(
    holderKey: PublicJwk,
    wanted: { pupil: string; audiences: readonly string[]; idx?: number; iss?: string; listUri?: string },
  ): string
  revoke(idx: number): void
}

export const LIST_TTL_SECONDS = 3_600

export async function startSchool(
  { base, answers }: Others,
  federation: TestFederation,
  slug: string,
  now: () => Date,
): Promise<School> {
  const path = `/schools/${slug}`
  const entityId = `${base}${path}`
  const metadata = () => ({ openid_credential_issuer: { credential_issuer: entityId } })
  const member = await federation.createMember({ entityId, trustMarks: [MARK_SCHOOL], metadata })
  serveMember({ answers }, member)
  const { protocolKey: credentialKey } = member
  const bits = newBits(1_000, 2)
  const listUri = `${entityId}/status-lists/1`
  answers.set(`GET ${path}/status-lists/1`, () => ({
    type: 'application/statuslist+jwt',
    body: signStatusListToken({
      key: credentialKey,
      uri: listUri,
      bits: 2,
      compressed: compressStatusList(bits),
      issuedAt: now(),
      expiresAt: new Date(now().getTime() + 86_400_000),
      ttlSeconds: LIST_TTL_SECONDS,
    }),
  }))
  const pseudonymKey = randomBytes(32)
  const pseudonym = (audience: string, pupil: string) => pairwisePseudonym(pseudonymKey, audience, pupil, '2026')
  return {
    entityId,
    credentialKey,
    pseudonym,
    revoke: (idx) => setStatus(bits, idx, 1),
    issue: (holderKey, { pupil, audiences, idx = 1, iss = entityId, listUri: uri = listUri }) =>
      issueSdJwtVc({
        key: credentialKey,
        issuer: iss,
        vct: VCT_PUPIL,
        claims: {
          visible: { enrolled: true, school_year: '2026-2027' },
          hidden: { year_group: 7, given_name: 'Sterre-canary', family_name: 'Vos-canary', sector: 'po' },
          hiddenMembers: {
            age_equal_or_over: { '12': false, '13': false, '16': false, '18': false },
            pseudonyms: Object.fromEntries(audiences.map((audience) => [audience, pseudonym(audience, pupil)])),
          },
        },
        holderKey,
        status: { uri, idx },
        expiresAt: new Date(now().getTime() + 90 * 86_400_000),
        random: randomBytes,
        decoys: 2,
      }),
  }
}
