import { parseSdJwt, verifySdJwtVc } from '@samen/sd-jwt-vc'
import { readStatusListToken, statusAt } from '@samen/status-list'
import { certifiedKeys, until } from '@samen/test-kit'
import type { IssuingNode, TestSchool } from './issuing-school.ts'
import { walletFor } from './playing-wallet.ts'

/** Where a copy stands. */
export type Place = { readonly uri: string; readonly idx: number }

/** Hands of somebody who is shown copies of one school and looks whether they hold. */
export function createListReader(node: IssuingNode, school: TestSchool) {
  const keyFor = certifiedKeys(node.federation.anchor.caPem, node.clock.now)
  const get = (uri: string, headers: Record<string, string> = {}) =>
    node.app.inject({ method: 'GET', url: new URL(uri).pathname, headers })
  const read = (token: string, uri: string) => readStatusListToken(token, { uri, keyFor, now: node.clock.now() })
  const readList = async (uri: string) => read((await get(uri)).body, uri)
  const isRevoked = async ({ uri, idx }: Place) => statusAt(await readList(uri), idx) === 1
  const placeOf = (credential: string): Place => {
    const parsed = parseSdJwt(credential)
    const { key } = keyFor(parsed.issuerJwt.header)
    const policy = { issuer: school.entityId, key, now: node.clock.now() }
    const { status } = verifySdJwtVc(parsed, policy)
    if (status === undefined) throw new Error('the copy has no place in a list')
    return status
  }
  const held: Place[] = []
  return {
    /** places of all copies that were issued through this reader */
    held,
    get,
    read,
    readList,
    isRevoked,
    placeOf,
    /** Publishing happens off the request path, so a reader waits a moment for it. */
    published: (place: Place) => until('the place is published as revoked', () => isRevoked(place)),
    /** Has copies of the pupil credential issued, and names them as the school and as a reader know them. */
    issue: async (copies = 1) => {
      const { wallet, offer } = await walletFor(node, school, 'anna')
      const reply = await wallet.askFor('pupil', copies)
      const places = (reply.json().credentials as { credential: string }[]).map(({ credential }) => placeOf(credential))
      const url = `/v1/schools/${school.slug}/offers/${offer.id}`
      const state = await node.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${school.apiKey}` } })
      held.push(...places)
      const [place] = places
      if (place === undefined) throw new Error('nothing was issued')
      return { places, place, id: state.json().issued[0].id as string }
    },
  }
}
