import { lookInto } from '@samen/test-kit'
import { createIssuerApp } from '../../src/app.ts'
import { checkIssuer } from './check-issuer.ts'
import type { IssuingNode } from './issuing-school.ts'
import type { Place } from './list-reader.ts'

/** `checkIssuer` for a node in the process of the test, once it has published what it knows. `held` are places of some copies. */
export async function checkNode(node: IssuingNode, held: readonly Place[]): Promise<string[]> {
  await node.deps.statusLists.refreshAll()
  const { config, clock, federation, deps } = node
  // Not the node's own: a test may have closed that.
  const app = createIssuerApp(deps)
  const get = async (url: string) => (await app.inject({ method: 'GET', url: new URL(url).pathname })).body
  const { caPem } = federation.anchor
  const seen = { publicUrl: config.publicUrl, caPem, now: clock.now, get, held, isAllHeld: false }
  const sentences = await lookInto(node.superuserUrl, (database) => checkIssuer(database, seen))
  await app.close()
  return sentences
}
