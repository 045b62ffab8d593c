import type { ProvedKey } from '@samen/openid4vci'
import { issueSdJwtVc } from '@samen/sd-jwt-vc'
import type { Deps } from '../deps.ts'
import { BATCH_SIZE, type ConfigurationId, CREDENTIAL_TYPES } from '../metadata/credential-types.ts'
import { LONGEST_LIFETIME_MS, type PinnedCredential } from '../offer/pin-credentials.ts'
import type { School } from '../school/school.ts'
import { listUri } from '../status/status-lists.ts'
import type { Place } from './credential.sql.ts'

/** What was recorded before: one place for each proved key, in the order of the request. */
export interface SigningOrder {
  readonly configuration: ConfigurationId
  readonly pinned: PinnedCredential
  readonly keys: readonly ProvedKey[]
  readonly places: readonly Place[]
}

/**
 * Signs one copy for each key, each with its own salts and place. Checks by itself what is about to be signed, whoever
 * asked: type, lifetime, number, a place for each. Throws Error when something does not fit; that is never the wallet's fault.
 */
export function signCopies(deps: Pick<Deps, 'now' | 'random'>, school: School, order: SigningOrder): string[] {
  const { pinned, keys, places } = order
  assertSignable(deps.now(), order)
  const placeOf = new Map(places.map((place) => [place.position, place]))
  return keys.map(({ holderKey }, index) => {
    const place = placeOf.get(index + 1)
    if (place === undefined) throw new Error('a copy has no place in a list')
    return issueSdJwtVc({
      key: school.credentialKey,
      issuer: school.entityId,
      vct: pinned.vct,
      claims: pinned.claims,
      holderKey,
      status: { uri: listUri(school, place.list), idx: place.idx },
      expiresAt: new Date(pinned.expiresAt),
      random: deps.random,
      // A few more or less in every copy: their number then says nothing about what is there.
      decoys: 2 + (deps.random(1).readUInt8() & 3),
    })
  })
}

function assertSignable(now: Date, { configuration, pinned, keys, places }: SigningOrder): void {
  if (pinned.vct !== CREDENTIAL_TYPES[configuration].vct)
    throw new Error('the type is not the one of the configuration')
  const lifetime = Date.parse(pinned.expiresAt) - now.getTime()
  if (!(lifetime > 0 && lifetime <= LONGEST_LIFETIME_MS)) throw new Error('the lifetime is not one that is signed')
  if (keys.length === 0 || keys.length > BATCH_SIZE) throw new Error('the number of copies is not one that is signed')
  const distinct = new Set(places.map((place) => `${place.list} ${place.idx}`))
  if (places.length !== keys.length || distinct.size !== keys.length)
    throw new Error('each copy has a place of its own')
}
