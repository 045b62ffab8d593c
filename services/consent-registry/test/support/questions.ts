import { sql } from '@samen/pg-kit'
import { agreeOnPurpose, type Guardianship, holdGuardianship, openRequest } from './members.ts'
import type { World } from './registry.ts'

/** The usual beginning, with questions about one child: Kim, of whom there are two guardians unless a test says otherwise. */
export async function askAboutKim(world: World) {
  const { school, app, purpose } = await agreeOnPurpose(world)
  const ask = () => openRequest(world, school, app, purpose)
  const hold = (guardian: string, more: Partial<Guardianship> = {}) =>
    holdGuardianship(world, school, { child: 'kim', guardian, apps: [app], ...more })
  const stateOf = (handle: string) => readState(world, handle)
  return { school, app, purpose, ask, hold, stateOf }
}

/** How far a question has come, as the database has it. */
export async function readState(world: Pick<World, 'deps'>, handle: string): Promise<string> {
  const { state } = await world.deps.db.one<{ state: string }>(
    sql`select state from consent_request where handle = ${handle}`,
  )
  return state
}
