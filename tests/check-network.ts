import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt } from '@samen/jwt-profile'
import { lookInto } from '@samen/test-kit'
import { trustAnchorFile } from '../scripts/network/services.ts'
import { publicUrl } from '../scripts/network/settings.ts'
import type { Story } from '../scripts/story/story.ts'
import { checkRegistry } from '../services/consent-registry/test/support/check-registry.ts'
import { checkIssuer } from '../services/issuer/test/support/check-issuer.ts'

/** Where the status of one copy of a credential stands. */
interface Place {
  readonly uri: string
  readonly idx: number
}

/** Copies that were cut off on their way are taken back after eight seconds, and published as revoked within five more. */
const AT_REST_WITHIN_MS = 20_000

/**
 * Compares what the issuer and the registry of a network have stored with what they publish and what wallets hold, once the network has come
 * to rest. Gives a sentence for each thing that is wrong; none when all is well. It asks the services, so they have to run.
 *
 * @param allHeld the places of all copies that wallets have, where the test knows each of them
 */
export async function checkNetwork(story: Story, allHeld?: readonly Place[]): Promise<string[]> {
  const deadline = performance.now() + AT_REST_WITHIN_MS
  for (;;) {
    const sentences = await checkOnce(story, allHeld).catch((error) => [`the network could not be checked: ${error}`])
    if (sentences.length === 0 || performance.now() > deadline) return sentences
    await pause(250)
  }
}

async function checkOnce(
  { settings, databases: { superuserUrls }, family }: Story,
  allHeld: readonly Place[] | undefined,
): Promise<string[]> {
  if (superuserUrls === null) throw new Error('there is no address that sees every row')
  const { ca: caPem } = JSON.parse(readFileSync(trustAnchorFile(settings), 'utf8'))
  const get = async (url: string) => (await fetch(url)).text()
  const anybody = { caPem, now: () => new Date(), get }
  const copies = [family.first, family.second].flatMap((wallet) => wallet?.credentials ?? [])
  const held = allHeld ?? copies.map(({ compact }) => placeOf(compact))
  const ofIssuer = { ...anybody, publicUrl: publicUrl(settings, 'issuer'), held, isAllHeld: allHeld !== undefined }
  const ofRegistry = { ...anybody, publicUrl: publicUrl(settings, 'consent-registry') }
  return [
    ...(await lookInto(superuserUrls.issuer, (database) => checkIssuer(database, ofIssuer))),
    ...(await lookInto(superuserUrls['consent-registry'], (database) => checkRegistry(database, ofRegistry))),
  ]
}

/** The place that a copy names. The signature is not looked at: a copy of a stranger has a place that no school knows. */
export function placeOf(compact: string): Place {
  const { payload } = decodeJwt(compact.slice(0, compact.indexOf('~')), { maxBytes: 65_536 })
  return (payload['status'] as unknown as { status_list: Place }).status_list
}
