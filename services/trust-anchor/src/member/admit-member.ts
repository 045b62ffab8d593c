import { Problem } from '@samen/errors'
import {
  assertEntityId,
  type EntityConfiguration,
  entityConfigurationUrl,
  readEntityConfiguration,
} from '@samen/federation'
import { audit } from '@samen/pg-kit'
import { saveCertificate } from '../certificate/certificate.sql.ts'
import { certifyKeys } from '../certificate/certify-keys.ts'
import type { Deps } from '../deps.ts'
import { saveMember } from './member.sql.ts'
import type { KnownMember } from './members.ts'

/** Which marks there are, and which role an entity must have in its own configuration to be given one. */
const ROLE_OF = {
  'urn:samen:trust-mark:school': 'openid_credential_issuer',
  'urn:samen:trust-mark:app-vendor': 'samen_app',
  'urn:samen:trust-mark:consent-registry': 'samen_consent_registry',
} as const
export type TrustMarkType = keyof typeof ROLE_OF
export const TRUST_MARKS = Object.keys(ROLE_OF) as TrustMarkType[]

/**
 * Makes an entity a member: reads what it says about itself, pins the federation keys with which it signed that, and certifies
 * its protocol keys. The operator names the entity, so the fetch is wanted. Admitting a member again takes over what it
 * publishes now. Throws Problem 400 `invalid-entity-id`, 502 `unreachable-entity`, 422 `invalid-entity` or `wrong-role`.
 */
export async function admitMember(
  deps: Deps,
  entityId: string,
  trustMarks: readonly TrustMarkType[],
): Promise<KnownMember> {
  const configuration = await readOwnConfiguration(deps, entityId)
  for (const mark of trustMarks) {
    if (!(ROLE_OF[mark] in configuration.metadata)) {
      throw new Problem(422, 'wrong-role', 'The entity does not have the role that this trust mark is for', {
        detail: `its configuration has to declare ${ROLE_OF[mark]}`,
      })
    }
  }
  const now = deps.now()
  const name = nameOf(configuration)
  const certificates = await certifyKeys(deps, { entityId, name, metadata: configuration.metadata })
  await deps.db.transaction(async (tx) => {
    await saveMember(tx, {
      entity_id: entityId,
      name,
      jwks: configuration.jwks,
      entity_types: Object.keys(configuration.metadata),
      trust_marks: trustMarks,
      admitted_at: now,
    })
    for (const certificate of certificates) await saveCertificate(tx, certificate)
    await audit(tx, {
      tenant: '-',
      at: now,
      actor: 'operator',
      action: 'member.admitted',
      object: entityId,
      outcome: 'ok',
    })
  })
  await deps.members.reload()
  return deps.members.find(entityId) as KnownMember
}

async function readOwnConfiguration(deps: Deps, entityId: string): Promise<EntityConfiguration> {
  try {
    assertEntityId(entityId)
  } catch (cause) {
    throw new Problem(400, 'invalid-entity-id', 'This is not an entity id', { cause })
  }
  const text = await fetchConfiguration(deps, entityId)
  try {
    // 'own': it proves that it holds the keys; that they are the right ones is what the operator vouches for.
    return readEntityConfiguration(text, { entityId, jwks: 'own', superior: deps.entityId, now: deps.now() })
  } catch (cause) {
    throw new Problem(422, 'invalid-entity', 'The entity configuration does not hold', {
      detail:
        'It has to be signed by its own federation key, name this anchor in authority_hints, and keep protocol keys apart',
      cause,
    })
  }
}

async function fetchConfiguration({ fetcher }: Deps, entityId: string): Promise<string> {
  try {
    return await fetcher.getText(entityConfigurationUrl(entityId), { accept: 'application/entity-statement+jwt' })
  } catch (cause) {
    throw new Problem(502, 'unreachable-entity', 'The entity did not show its configuration', {
      detail: 'GET {entity_id}/.well-known/openid-federation has to answer 200',
      cause,
    })
  }
}

function nameOf({ metadata }: EntityConfiguration): string {
  const name = metadata['federation_entity']?.['organization_name']
  return typeof name === 'string' && name.length > 0 ? name.slice(0, 200) : 'member'
}
