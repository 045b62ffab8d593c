import t from 'tap'
import { jumpFenceAfterRestore } from '../src/status/jump-fence.ts'
import { deskOrder, makeOffer, openNode, readCode } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'
import { TestWallet } from './support/playing-wallet.ts'

t.test('a database that was set back stays one until every school is fenced, however long that takes', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  await createListReader(node, school).issue()
  const offer = await makeOffer(node, school, deskOrder('anna'))
  const code = await readCode(node, offer)
  t.equal(await jumpFenceAfterRestore(node.deps), false)
  const mark = await node.deps.databaseMark.read()
  if (mark === undefined) throw new Error('nothing was noted')
  await node.deps.databaseMark.write({ ...mark, noted: mark.noted + 2 })

  const read = async () => {
    throw new Error('the disk does not answer')
  }
  const broken = { ...node.deps, publishedBits: { ...node.deps.publishedBits, read } }
  for (let look = 1; look <= 5; look++)
    await t.rejects(jumpFenceAfterRestore(broken), /not jumped at every school/, `look ${look}`)

  t.equal(await jumpFenceAfterRestore(node.deps), true, 'the first look at which the disk answers')
  t.equal((await new TestWallet(node, school).redeem(code, offer.tx_code)).json().error, 'invalid_grant')
  t.equal(await jumpFenceAfterRestore(node.deps), false, 'and once is enough')
})
