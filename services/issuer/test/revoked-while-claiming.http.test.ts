import { setTimeout as pause } from 'node:timers/promises'
import { sql } from '@samen/pg-kit'
import { newSecret } from '@samen/sealing'
import t from 'tap'
import { completePlaces, drawPlaces } from '../src/credential/claim-places.ts'
import { claimPlaces } from '../src/credential/credential.sql.ts'
import { revokeIssuance } from '../src/credential/revoke-credential.ts'
import { openNode, schoolOf } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'

const node = await openNode(t)
const school = await node.addSchool('de-regenboog', '01AB00')
await school.addPupil('anna')
const { issue } = createListReader(node, school)
const known = await schoolOf(node.deps, school.slug)
const db = node.db(school.slug)
const { list } = await issue().then(() => db.one<{ list: string }>(sql`select distinct list from status_index`))
const placesOf = (id: string) => db.many(sql`select idx from status_index where issuance = ${id}`)

/** What is left of a request all of whose draws went to others: an intent without a place. */
async function intend(): Promise<string> {
  const id = newSecret(16)
  await db.run(sql`
    insert into issuance (tenant, id, offer, configuration, copies, state, subject_tag, notification_hash, expires_at, intended_at)
    select tenant, ${id}, offer, configuration, 1, 'intended', subject_tag, ${Buffer.from(newSecret(32), 'base64url')},
      expires_at, intended_at from issuance limit 1`)
  return id
}
const claimFor = (issuanceId: string) => ({ issuanceId, list, keyTags: [Buffer.from(newSecret(32), 'base64url')] })
const versionOf = async () =>
  (await db.one<{ version: string }>(sql`select version from status_list where id = ${list}`)).version

t.test('copies that were revoked while their places were drawn get no more places, and do not leave', async (t) => {
  const id = await intend()
  await db.transaction((tx) => revokeIssuance(node.deps, tx, known, id, 'delivery'))
  const completing = completePlaces(node.deps, known, { ...claimFor(id), places: [] })
  await t.rejects(completing, { status: 503, code: 'temporarily_unavailable' })
  t.same(await placesOf(id), [])
})

t.test('a place that is drawn in the moment of a revocation is published as revoked with the others', async (t) => {
  const id = await intend()
  const before = await versionOf()
  let revoking: Promise<void> | undefined
  await db.transaction(async (tx) => {
    await claimPlaces(tx, school.slug, { ...claimFor(id), draws: drawPlaces(node.deps.random, 1) })
    revoking = db.transaction((other) => revokeIssuance(node.deps, other, known, id, 'delivery'))
    await pause(300)
  })
  await revoking
  t.equal((await placesOf(id)).length, 1)
  t.not(await versionOf(), before, 'every process has to look at the list again')
})
