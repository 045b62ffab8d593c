import { statusAt } from '@samen/status-list'
import t from 'tap'
import { createStatusLists } from '../src/status/status-lists.ts'
import { openNode, schoolOf } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'

t.test('versions of one status list', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  const { issue, read } = createListReader(node, school)
  const held = await schoolOf(node.deps, school.slug)
  const processes = [createStatusLists(node.deps), createStatusLists(node.deps)]
  const revoke = (id: string) =>
    node.app.inject({
      method: 'POST',
      url: `/v1/schools/${school.slug}/credentials/${id}/revocation`,
      headers: { authorization: `Bearer ${school.apiKey}` },
    })
  const versions = async (uri: string) => {
    const id = uri.split('/').at(-1) ?? ''
    const found = []
    for (const lists of processes) found.push(read((await lists.find(held, id))?.token ?? '', uri))
    return found
  }

  t.test(
    'never share a second, in whichever process and however fast they follow, and later ones know more',
    async (t) => {
      const issued = []
      for (let i = 0; i < 4; i++) issued.push(await issue())
      const uri = issued[0]?.place.uri ?? ''
      const seen: { at: number; revoked: number }[] = []
      for (const { id } of issued) {
        await revoke(id)
        for (const [i, lists] of processes.entries()) {
          await lists.refreshAll()
          const list = (await versions(uri))[i]
          const revoked = list?.bytes.reduce((sum, byte) => sum + byte.toString(2).split('1').length - 1, 0) ?? 0
          seen.push({ at: list?.issuedAt.getTime() ?? 0, revoked })
        }
      }
      t.equal(new Set(seen.map(({ at }) => at)).size, 8)
      t.same(
        seen.map(({ at }) => at),
        seen.map(({ at }) => at).sort(),
      )
      t.same(
        seen.map(({ revoked }) => revoked),
        [1, 1, 2, 2, 3, 3, 4, 4],
      )
    },
  )

  t.test(
    'are not signed further ahead than the clock of a verifier may be off; the last of a flood comes a little later',
    async (t) => {
      const { uri } = (await issue()).place
      const ahead = async () =>
        Math.max(...(await versions(uri)).map((list) => list.issuedAt.getTime())) - node.clock.now().getTime()
      let last = { uri, idx: 0 }
      for (let i = 0; i < 30; i++) {
        const { id, place } = await issue()
        last = place
        await revoke(id)
        for (const lists of processes) await lists.refreshAll()
        t.ok((await ahead()) <= 20_000)
      }
      t.ok((await ahead()) > 15_000, 'it was a flood')
      node.clock.advance(60)
      for (const lists of processes) await lists.refreshAll()
      for (const list of await versions(uri)) t.equal(statusAt(list, last.idx), 1)
    },
  )

  t.test('die a quarter of an hour after they were signed, for whoever is kept from a newer one', async (t) => {
    const { uri } = (await issue()).place
    for (const { issuedAt, expiresAt } of await versions(uri))
      t.equal(expiresAt.getTime() - issuedAt.getTime(), 900_000)
  })
})
