// A school that is a member and certified, and what a wallet holds of it: credentials that point where the attacker likes.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { authorityKeyIdentifier } from '@samen/certificates'
import { MARK_SCHOOL, VCT_GUARDIANSHIP, VCT_PUPIL } from '@samen/consent'
import { parseTrustAnchor } from '@samen/federation'
import { exportSigningKey, generateSigningKey, type SigningKey, signJwt } from '@samen/jwt-profile'
import { issueSdJwtVc } from '@samen/sd-jwt-vc'
import { compressStatusList, newBits, signStatusListToken } from '@samen/status-list'
import type { JsonObject } from '@samen/strict-json'
import { createWallet, type HeldCredential, type Wallet } from '@samen/test-wallet'
import { trustAnchorFile } from '../../scripts/network/services.ts'
import { publicUrl } from '../../scripts/network/settings.ts'
import { APPS } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import type { Story } from '../../scripts/story/story.ts'
import { type HostileMember, type HostileServer, joinAsMember } from './hostile-member.ts'
import { splitSdJwt } from './tampered-answer.ts'
import type { Trap } from './trap.ts'

/** What of an honest credential is replaced before it is signed, and by whom. */
export interface Forgery {
  readonly key: SigningKey
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
}

const DAY_MS = 86_400_000

/** Opens a school at `/school`, with an honest status list at its own place. */
export async function startSchool(world: {
  story: Story
  server: HostileServer
  trap: Trap
}): Promise<HostileMember & { readonly listUri: string }> {
  const member = await joinAsMember(world, '/school', {
    mark: MARK_SCHOOL,
    metadata: (entityId, { publicJwk }) => ({
      openid_credential_issuer: { credential_issuer: entityId, jwks: { keys: [publicJwk as unknown as JsonObject] } },
    }),
  })
  const listUri = `${member.entityId}/list`
  world.server.answers.set('GET /school/list', () => ({
    type: 'application/statuslist+jwt',
    body: signStatusListToken({
      key: member.protocolKey,
      uri: listUri,
      bits: 1,
      compressed: compressStatusList(newBits(100, 1)),
      issuedAt: new Date(),
      expiresAt: new Date(Date.now() + 600_000),
      ttlSeconds: 60,
    }),
  }))
  return { ...member, listUri }
}

/** A wallet that holds one credential of each kind, forged alike. */
export function walletWith(
  story: Story,
  school: HostileMember & { readonly listUri: string },
  forgery: Forgery | 'none',
): Wallet {
  const { caPem } = parseTrustAnchor(readFileSync(trustAnchorFile(story.settings), 'utf8'))
  const authority = authorityKeyIdentifier(caPem)
  const held = [VCT_PUPIL, VCT_GUARDIANSHIP].map((vct) => holdCredential(story, { school, vct, forgery, authority }))
  return createWallet({ fetch, allowInsecureLoopback: true, trustedCaPem: caPem, held })
}

function holdCredential(
  story: Story,
  made: {
    school: HostileMember & { readonly listUri: string }
    vct: string
    forgery: Forgery | 'none'
    authority: string
  },
): HeldCredential {
  const { school, vct, forgery, authority } = made
  const holderKey = generateSigningKey()
  const { visible, hidden, hiddenMembers } = claimsFor(story)
  const honest = issueSdJwtVc({
    key: school.protocolKey,
    issuer: school.entityId,
    vct,
    claims: { visible, hidden, hiddenMembers },
    holderKey: holderKey.publicJwk,
    status: { uri: school.listUri, idx: 1 },
    expiresAt: new Date(Date.now() + 90 * DAY_MS),
    random: randomBytes,
    decoys: 0,
  })
  return {
    configurationId: vct,
    label: 'forged',
    vct,
    issuer: school.entityId,
    compact: forgery === 'none' ? honest : forge(honest, forgery),
    holderKey: exportSigningKey(holderKey),
    claims: { ...visible, ...hidden, ...hiddenMembers },
    authority,
    used: false,
  }
}

/** All that any of the two kinds shows, since nobody gets so far as to compare. */
function claimsFor(story: Story) {
  const registry = publicUrl(story.settings, 'consent-registry')
  const apps = APPS.map(({ slug }) => tenant(story, slug).entityId)
  const pseudonym = () => randomBytes(32).toString('base64url')
  return {
    visible: { authority: 'sole' },
    hidden: {
      year_group: 7,
      co_holder_count: 0,
      decide_until: new Date(Date.now() + 400 * DAY_MS).toISOString().slice(0, 10),
    },
    hiddenMembers: {
      age_equal_or_over: { '12': false },
      pseudonyms: Object.fromEntries([registry, ...apps].map((audience) => [audience, pseudonym()])),
      holder_pseudonyms: { [registry]: pseudonym() },
    },
  }
}

function forge(sdJwt: string, { key, header, claims }: Forgery): string {
  const { issuerJwt, disclosures } = splitSdJwt(sdJwt)
  const payload = JSON.parse(Buffer.from(issuerJwt.split('.')[1] ?? '', 'base64url').toString())
  const signed = signJwt(key, { typ: 'dc+sd-jwt', ...header }, { ...payload, ...claims })
  return `${[signed, ...disclosures].join('~')}~`
}
