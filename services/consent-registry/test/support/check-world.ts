import { lookInto } from '@samen/test-kit'
import { signLists } from '../../src/consent-list/sign-lists.ts'
import { sequenceLog } from '../../src/log/sequence-log.ts'
import { checkRegistry, type SeenOfRegistry } from './check-registry.ts'
import type { World } from './registry.ts'

/** What anybody sees of the registry of a test. */
export const seenOf = ({ url, deps, clock, call }: World): SeenOfRegistry => ({
  publicUrl: url,
  caPem: deps.anchor.caPem,
  now: clock.now,
  get: async (address) => (await call('GET', address)).text,
})

/** `checkRegistry` for the registry of a test, once it has signed what it knows. */
export async function checkWorld(world: World): Promise<string[]> {
  await sequenceLog(world.deps)
  await signLists(world.deps)
  return lookInto(world.superuserUrl, (database) => checkRegistry(database, seenOf(world)))
}
