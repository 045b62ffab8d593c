import t, { type Test } from 'tap'
import { admitMember } from '../src/member/admit-member.ts'
import { expelMember } from '../src/member/expel-member.ts'
import { enc, type RunningAnchor, type RunningMember, runAnchor, runMember, SCHOOL } from './running-anchor.ts'

const MARKS = [SCHOOL] as const
const expelledMeanwhile = { message: 'The member was expelled at the same moment' }

/** Admits a school and, between its answer and the admission, does something else. */
async function admitWhile(anchor: RunningAnchor, school: RunningMember, meanwhile: () => Promise<unknown>) {
  const { getText } = anchor.deps.fetcher
  const fetcher: typeof anchor.deps.fetcher = {
    ...anchor.deps.fetcher,
    getText: async (...asked) => {
      const answer = await getText(...asked)
      await meanwhile()
      return answer
    },
  }
  return admitMember({ ...anchor.deps, fetcher }, school.entityId, MARKS)
}

async function admitted(t: Test): Promise<{ anchor: RunningAnchor; school: RunningMember }> {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await admitMember(anchor.deps, school.entityId, MARKS)
  return { anchor, school }
}

const isVouchedFor = async (anchor: RunningAnchor, { entityId }: RunningMember) =>
  (await anchor.read(`/fetch?sub=${enc(entityId)}`)).status === 200

t.test(
  'a school that is expelled while it is being admitted again stays expelled, and the operator hears so',
  async (t) => {
    const { anchor, school } = await admitted(t)
    const slow = admitWhile(anchor, school, () => expelMember(anchor.deps, school.entityId))
    await t.rejects(slow, expelledMeanwhile)
    t.notOk(await isVouchedFor(anchor, school))
    await admitMember(anchor.deps, school.entityId, MARKS)
    t.ok(await isVouchedFor(anchor, school), 'afterwards it may be admitted on purpose')
  },
)

t.test('an old admission counts no more when the school was expelled and admitted anew meanwhile', async (t) => {
  const { anchor, school } = await admitted(t)
  const slow = admitWhile(anchor, school, async () => {
    anchor.clock.advance(1)
    await expelMember(anchor.deps, school.entityId)
    await admitMember(anchor.deps, school.entityId, [])
  })
  await t.rejects(slow, expelledMeanwhile)
  t.same(anchor.deps.members.find(school.entityId)?.trust_marks, [], 'what the operator said last holds')
})

t.test('an expelled school that is admitted twice at once is a member once', async (t) => {
  const { anchor, school } = await admitted(t)
  await expelMember(anchor.deps, school.entityId)
  await admitWhile(anchor, school, () => admitMember(anchor.deps, school.entityId, MARKS))
  t.ok(await isVouchedFor(anchor, school))
})
