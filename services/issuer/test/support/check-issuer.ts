import { sql } from '@samen/pg-kit'
import { statusAt } from '@samen/status-list'
import { listUri } from '../../src/status/status-lists.ts'
import { type IssuingNode, schoolOf, type TestSchool } from './issuing-school.ts'
import { createListReader, type Place } from './list-reader.ts'

/** What one school of a node has stored and published, and the copies that wallets have. Values only. */
export interface IssuerState {
  readonly lists: readonly { readonly id: string; readonly size: number; readonly is_fenced: boolean }[]
  readonly places: readonly {
    readonly list: string
    readonly idx: number
    readonly issuance: string
    readonly key: string
  }[]
  readonly issuances: readonly {
    readonly id: string
    readonly offer: string
    readonly copies: number
    readonly state: string
  }[]
  /** offers, once for each token that lives */
  readonly tokens: readonly string[]
  /** offers, once for each time that their code was used */
  readonly redemptions: readonly string[]
  /** the places of each list that are published as revoked */
  readonly published: Readonly<Record<string, readonly number[]>>
  readonly held: readonly { readonly list: string; readonly idx: number }[]
}

/** Reads all of it, once the node has published what it knows. `held` are places of copies that wallets have. */
export async function readIssuer(node: IssuingNode, school: TestSchool, held: readonly Place[]): Promise<IssuerState> {
  await node.deps.statusLists.refreshAll()
  const { read } = createListReader(node, school)
  const opened = await schoolOf(node.deps, school.slug)
  const db = node.db(school.slug)
  const lists = await db.many<IssuerState['lists'][number]>(sql`select id, size, is_fenced from status_list`)
  const published: Record<string, number[]> = {}
  for (const { id } of lists) {
    const token = (await node.deps.statusLists.find(opened, id))?.token ?? ''
    const list = read(token, listUri(opened, id))
    published[id] = Array.from({ length: list.size }, (_, idx) => idx).filter((idx) => statusAt(list, idx) === 1)
  }
  const offersOf = (rows: { offer: string }[]) => rows.map(({ offer }) => offer)
  return {
    lists,
    places: await db.many(sql`select list, idx, issuance, encode(key_tag, 'hex') as key from status_index`),
    issuances: await db.many(sql`select id, offer, copies, state from issuance`),
    tokens: offersOf(await db.many(sql`select offer from access_token`)),
    redemptions: offersOf(
      await db.many(sql`select object as offer from audit_event where action = 'offer.redeemed' and outcome = 'ok'`),
    ),
    published,
    held: held.map(({ uri, idx }) => ({ list: uri.split('/').at(-1) ?? '', idx })),
  }
}

/** The sentences that are not true of an issuer, each of which should be; none when all is well. Changes nothing. */
export function checkIssuer(state: IssuerState): string[] {
  const rules: Record<string, (state: IssuerState) => boolean> = {
    'each place belongs to one copy': ({ places }) => areDistinct(places.map(nameOf)),
    'each place lies in its list': arePlacesInLists,
    'each key is in one copy': ({ places }) => areDistinct(places.map(({ key }) => key)),
    'each code gave one token': ({ tokens, redemptions }) => areDistinct(tokens) && areDistinct(redemptions),
    'nothing was issued without a used code': ({ issuances, redemptions }) =>
      issuances.every(({ offer }) => redemptions.includes(offer)),
    'each copy has an intent': hasEachCopyAnIntent,
    'each delivered copy has a place': hasEachDeliveredCopyAPlace,
    'what is revoked is published, and nothing else': isPublishedAsRevoked,
  }
  return Object.keys(rules).filter((rule) => rules[rule]?.(state) !== true)
}

const nameOf = ({ list, idx }: { readonly list: string; readonly idx: number }): string => `${list} ${idx}`

const areDistinct = (names: readonly string[]): boolean => new Set(names).size === names.length

function arePlacesInLists({ lists, places }: IssuerState): boolean {
  const sizes = new Map(lists.map(({ id, size }) => [id, size]))
  return places.every(({ list, idx }) => idx >= 0 && idx < (sizes.get(list) ?? 0))
}

function hasEachCopyAnIntent({ places, issuances, held }: IssuerState): boolean {
  const intents = new Set(issuances.map(({ id }) => id))
  const taken = new Set(places.map(nameOf))
  return places.every(({ issuance }) => intents.has(issuance)) && held.every((copy) => taken.has(nameOf(copy)))
}

function hasEachDeliveredCopyAPlace({ places, issuances }: IssuerState): boolean {
  return issuances
    .filter(({ state }) => state === 'delivered')
    .every(({ id, copies }) => places.filter(({ issuance }) => issuance === id).length === copies)
}

function isPublishedAsRevoked({ lists, places, issuances, published }: IssuerState): boolean {
  const dead = new Set(issuances.filter(({ state }) => state === 'revoked').map(({ id }) => id))
  return lists.every(({ id, size, is_fenced: isFenced }) => {
    const here = places.filter(({ list }) => list === id)
    const revoked = new Set(here.filter(({ issuance }) => dead.has(issuance)).map(({ idx }) => idx))
    const taken = new Set(here.map(({ idx }) => idx))
    if (isFenced) for (let idx = 0; idx < size; idx++) if (!taken.has(idx)) revoked.add(idx)
    const told = published[id] ?? []
    return told.length === revoked.size && told.every((idx) => revoked.has(idx))
  })
}
