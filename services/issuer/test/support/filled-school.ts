import { sql } from '@samen/pg-kit'
import { newSecret } from '@samen/sealing'
import { addAnotherSchool, deliveryFor, type Node, sendRoster, type TestSchool } from './roster-node.ts'

/** A school whose register is filled, and about each of whose pupils a wallet holds a copy. */
export async function filledSchool(node: Node): Promise<TestSchool> {
  const school = await addAnotherSchool(node)
  const first = await sendRoster(node, school, await deliveryFor(school))
  if (first.state !== 'applied') throw new Error('the sample delivery is applied')
  const db = node.db(school.slug)
  const now = node.clock.now()
  for (const { id } of await db.many<{ id: string }>(sql`select id from pupil`))
    await db.run(sql`
      insert into issuance (tenant, id, offer, configuration, copies, state, subject_tag, notification_hash, expires_at, intended_at, delivered_at)
      values (${school.slug}, ${newSecret(16)}, ${newSecret(16)}, 'guardianship', 1, 'delivered',
        ${node.deps.keyring.mac('issuer/subject', school.slug, id)}, ${Buffer.from(newSecret(32), 'base64url')},
        ${'2027-08-31T00:00:00Z'}, ${now}, ${now})`)
  return school
}

/** Everything that is stored about the pupils, byte by byte, and how many copies are revoked. */
export async function stateOf(node: Node, { slug }: TestSchool): Promise<{ register: string; revoked: number }> {
  const rows = await node.db(slug).many<{ row: string }>(sql`select p::text as row from pupil p order by id`)
  const [count] = await node
    .db(slug)
    .many<{ n: number }>(sql`select count(*)::integer as n from issuance where state = 'revoked'`)
  return { register: rows.map(({ row }) => row).join('\n'), revoked: count?.n ?? -1 }
}
