import { Problem } from '@samen/errors'
import {
  assertEntityId,
  type EntityConfiguration,
  entityConfigurationUrl,
  readEntityConfiguration,
} from '@samen/federation'
import { FetchError } from '@samen/http-kit'
import { audit } from '@samen/pg-kit'
import { issueWantedCertificates, wantCertificates } from '../certificate/certify-keys.ts'
import { protocolKeys } from '../certificate/protocol-keys.ts'
import type { Deps } from '../deps.ts'
import { bumpDirectory, readStanding, saveMember } from './member.sql.ts'
import type { KnownMember } from './members.ts'
import { ROLE_OF, type TrustMarkType } from './trust-marks.ts'

/**
 * Makes an entity a member: reads what it says about itself, pins the federation keys with which it signed that, and certifies
 * its protocol keys. Membership and the intent to certify are committed before the CA's key is used. The operator names the
 * entity, so the fetch is wanted. Admitting a member again takes over what it publishes now, and changes nothing else. An expulsion
 * while the entity is asked holds: what was meant before it does not undo it. Throws Problem 400 `invalid-entity-id`, 409
 * `expelled-meanwhile`, 422 `address-refused`, `invalid-entity` or `wrong-role`, 502 `unreachable-entity`.
 */
export async function admitMember(
  deps: Deps,
  entityId: string,
  trustMarks: readonly TrustMarkType[],
): Promise<KnownMember> {
  assertId(entityId)
  const seen = await readStanding(deps.db, entityId)
  const configuration = await readOwnConfiguration(deps, entityId)
  assertRoles(configuration, trustMarks)
  const keys = protocolKeys(configuration.metadata)
  const at = deps.now()
  await deps.db.transaction(async (tx) => {
    const member = {
      entity_id: entityId,
      name: nameOf(configuration),
      jwks: configuration.jwks,
      entity_types: Object.keys(configuration.metadata),
      trust_marks: trustMarks,
      admitted_at: at,
    }
    if (!(await saveMember(tx, member, seen))) throw expelledMeanwhile()
    await wantCertificates(deps, tx, entityId, keys)
    await bumpDirectory(tx)
    const what = { actor: 'operator', action: 'member.admitted', object: entityId }
    await audit(tx, { tenant: '-', at, ...what, outcome: 'ok' })
  })
  await deps.members.reload()
  await issueWantedCertificates(deps)
  const member = deps.members.find(entityId)
  if (member === undefined) throw expelledMeanwhile()
  return member
}

function expelledMeanwhile(): Problem {
  return new Problem(409, 'expelled-meanwhile', 'The member was expelled at the same moment', {
    detail: 'Admit it again if that is still meant',
  })
}

function assertId(entityId: string): void {
  try {
    assertEntityId(entityId)
  } catch (cause) {
    throw new Problem(400, 'invalid-entity-id', 'This is not an entity id', { cause })
  }
}

function assertRoles({ metadata }: EntityConfiguration, trustMarks: readonly TrustMarkType[]): void {
  for (const mark of trustMarks) {
    if (Object.hasOwn(metadata, ROLE_OF[mark])) continue
    throw new Problem(422, 'wrong-role', 'The entity does not have the role that this trust mark is for', {
      detail: `its configuration has to declare ${ROLE_OF[mark]}`,
    })
  }
}

async function readOwnConfiguration(deps: Deps, entityId: string): Promise<EntityConfiguration> {
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
    // Nobody was asked. Told apart from an entity that is away, since waiting does not help.
    if (cause instanceof FetchError && (cause.code === 'address-refused' || cause.code === 'url-refused')) {
      throw new Problem(422, 'address-refused', 'Nobody is asked at this address', {
        detail: 'An entity answers over https at a public address, not inside a network',
        cause,
      })
    }
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
