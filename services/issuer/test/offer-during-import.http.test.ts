import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { lockPupils, readPupils, updatePupils } from '../src/roster/pupil.sql.ts'
import { openPupilRecord, sealPupilRecord } from '../src/roster/pupil-record.ts'
import { deskOrder, openNode, postOffer } from './support/issuing-school.ts'

t.test('an offer that is made while an import takes the authority away is refused', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const id = await school.addPupil('anna')
  const { keyring } = node.deps
  let offered: ReturnType<typeof postOffer> | undefined
  await node.db(school.slug).transaction(async (tx) => {
    // An import that is under way: it holds the pupil, and the new record is not yet committed.
    await lockPupils(tx, school.slug, [id])
    const [row] = await readPupils(tx, school.slug, [id])
    if (row === undefined) throw new Error('the pupil is gone')
    offered = postOffer(node, school, deskOrder('anna', ['guardianship']))
    await pause(300)
    const record = { ...openPupilRecord(keyring, school.slug, row), guardians: [] }
    await updatePupils(tx, school.slug, [
      { id, sourceTag: Buffer.alloc(32), ...sealPupilRecord(keyring, school.slug, record) },
    ])
  })
  const reply = await offered
  t.equal(reply?.statusCode, 422)
  t.equal((await postOffer(node, school, deskOrder('anna', ['guardianship']))).statusCode, 422, 'and so are later ones')
})
