import { ProtocolError } from '@samen/errors'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { claimPlaces, type Place } from './credential.sql.ts'

/** Of ten copies in a list that is half full this leaves a shortage about once in a thousand requests, and ever more often as it fills up. */
const drawsFor = (copies: number): number => copies * 3 + 8
const MAX_ROUNDS = 8

/** Random numbers from which the database makes places, more than the copies need. TSL#implementation-linkability */
export function drawPlaces(random: Deps['random'], copies: number): readonly number[] {
  const count = drawsFor(copies)
  const bytes = random(count * 4)
  // 31 bits, as an integer of the database. Lists have a power of two of places, so a remainder is as random.
  return Array.from({ length: count }, (_, i) => bytes.readUInt32BE(i * 4) & 0x7fff_ffff)
}

/**
 * The places of all copies: those that the intent got, and the rest from another draw. It comes to a second draw when the
 * list is filling up, was closed, or somebody else drew the same place. A place that was taken is never given back.
 * Throws ProtocolError 503 when the copies were revoked meanwhile: a place that came after that would never be published as revoked.
 */
export async function completePlaces(
  deps: Deps,
  school: School,
  claim: {
    readonly issuanceId: string
    readonly keyTags: readonly Buffer[]
    readonly list: string
    readonly places: readonly Place[]
  },
): Promise<readonly Place[]> {
  let places = claim.places
  let list = claim.list
  for (let round = 0; places.length < claim.keyTags.length; round++) {
    if (round === MAX_ROUNDS) throw new Error('no free place was found in a status list')
    await deps.statusLists.roll(school, list)
    list = await deps.statusLists.openList(school)
    places = [...places, ...(await claimMore(deps, school, { ...claim, list, places }))]
  }
  return places
}

async function claimMore(
  deps: Deps,
  school: School,
  claim: {
    readonly issuanceId: string
    readonly keyTags: readonly Buffer[]
    readonly list: string
    readonly places: readonly Place[]
  },
): Promise<Place[]> {
  const served = new Set(claim.places.map((place) => place.position))
  const missing = claim.keyTags
    .map((tag, index) => ({ tag, position: index + 1 }))
    .filter((key) => !served.has(key.position))
  const { is_intended: isIntended, places } = await claimPlaces(deps.db.forTenant(school.slug), school.slug, {
    issuanceId: claim.issuanceId,
    list: claim.list,
    draws: drawPlaces(deps.random, missing.length),
    keyTags: missing.map((key) => key.tag),
  })
  if (!isIntended) throw revokedMeanwhile()
  return places.flatMap(({ nr, idx }) => {
    const key = missing[nr - 1]
    return key === undefined ? [] : [{ position: key.position, list: claim.list, idx }]
  })
}

const revokedMeanwhile = (): ProtocolError =>
  new ProtocolError(503, 'temporarily_unavailable', 'the copies were revoked before they left, try again', {
    headers: { 'retry-after': '1' },
  })
