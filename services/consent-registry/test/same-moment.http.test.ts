import { purposeHash } from '@samen/consent'
import t from 'tap'
import { insertAnswer } from '../src/presentation/presentation.sql.ts'
import { claimPurposeId, insertPurpose } from '../src/purpose/purpose.sql.ts'
import { purposeOf } from './support/members.ts'
import { startWorld } from './support/registry.ts'

const ROUNDS = 300
const AT_ONCE = 6

// Two rows that are the same in more than one unique index: PostgreSQL looks at one of them first, and finds the other only sometimes.
t.test('what is said twice at the same moment is taken once, and the other is told so, every time', async (t) => {
  const world = await startWorld(t)
  const { db, random, now } = world.deps
  const countTaken = async (insert: () => Promise<boolean>) =>
    (await Promise.all(Array.from({ length: AT_ONCE }, insert))).filter(Boolean).length

  t.test('the id of a purpose', async (t) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const owner = { id: random(16).toString('base64url'), app: 'https://app.example' }
      const claim = () => db.transaction((tx) => claimPurposeId(tx, owner))
      if ((await countTaken(async () => (await claim()) === 1)) !== 1) t.fail()
    }
  })

  t.test('a version of a purpose', async (t) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const document = purposeOf(world)
      const { id, version } = document
      const about = { id, version, app: 'https://app.example', app_name: 'App', document, hash: purposeHash(document) }
      await db.transaction((tx) => claimPurposeId(tx, about))
      const insert = () => db.transaction((tx) => insertPurpose(tx, { ...about, message: 'a.b.c' }, now()))
      if ((await countTaken(insert)) !== 1) t.fail()
    }
  })

  t.test('the answer of a wallet', async (t) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [idHash, browserHash] = [random(32), random(32)]
      const insert = () =>
        insertAnswer(db, {
          idHash,
          browserHash,
          responseCodeHash: random(32),
          kind: 'record',
          handle: null,
          sealedAnswer: random(64),
          confirmUntil: now(),
        })
      if ((await countTaken(insert)) !== 1) t.fail()
    }
  })
})
