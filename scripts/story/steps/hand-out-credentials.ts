import { readFileSync } from 'node:fs'
import { createWallet, type HeldCredential, type Wallet } from '@samen/test-wallet'
import { trustAnchorFile } from '../../network/services.ts'
import { publicUrl } from '../../network/settings.ts'
import { CHILD, GUARDIANS, SCHOOL, SIBLING } from '../cast.ts'
import { tenant } from '../memory.ts'
import { notingFetch } from '../secrets.ts'
import type { Story } from '../story.ts'

/** How many one-time copies of each credential the wallets ask for. */
const COPIES = 4

/** Step 4: the desk makes offers after a document check, and the guardians' wallets redeem them. */
export async function handOutCredentials(story: Story): Promise<void> {
  const { print, family } = story
  const [first, second] = GUARDIANS
  const wallets = [newWallet(story), newWallet(story)] as const
  family.first = wallets[0]
  family.second = wallets[1]
  await handOut(story, wallets[0], first, CHILD)
  await print.fold('the same for her other child, and for the second guardian', async () => {
    await handOut(story, wallets[0], first, SIBLING)
    await handOut(story, wallets[1], second, CHILD)
  })
  for (const [index, wallet] of wallets.entries()) {
    const kinds = Map.groupBy(wallet.credentials, ({ configurationId, label }) => `${configurationId} of ${label}`)
    const held = [...kinds.values()].map((copies) => copies.length)
    if (held.some((count) => count !== COPIES)) throw new Error(`a wallet holds ${held.join(', ')} copies`)
    const keys = new Set(wallet.credentials.map(({ holderKey }) => holderKey.x))
    if (keys.size !== wallet.credentials.length) throw new Error('two copies share a key')
    const [who, count] = [index === 0 ? 'first' : 'second', wallet.credentials.length]
    print.check(`The ${who} wallet holds ${kinds.size} credentials in ${count} copies with ${keys.size} keys.`)
  }
  const [{ claims }] = wallets[0].credentials as [HeldCredential]
  print.sees('The wallet sees', `a pupil credential with ${Object.keys(claims).sort().join(', ')}.`)
  print.sees('The school sees', 'that its offers were fetched. It will not see where a credential is shown.')
  print.sees('The issuer keeps', 'codes, tokens and keys as hashes; of a copy a random id and its status index.')
}

/** An empty wallet that trusts the authority of this federation. */
export function newWallet(story: Story): Wallet {
  const { ca } = JSON.parse(readFileSync(trustAnchorFile(story.settings), 'utf8'))
  return createWallet({
    fetch: notingFetch(story.walletFetch, story.secrets),
    allowInsecureLoopback: true,
    trustedCaPem: ca,
  })
}

/** The desk offers one guardian the credentials about one child, and the wallet fetches them; `subject` is their label in it. */
export async function handOut(story: Story, wallet: Wallet, holder: string, subject: string): Promise<void> {
  const offer = await makeOffer(story, holder, subject)
  await story.client.call('GET', offer.page_url, { expect: 200, accept: 'text/html' })
  await wallet.redeemOffer(offer.offer_uri, { txCode: offer.tx_code, copies: COPIES, label: subject })
}

/** An offer as the school's API answers it. */
interface MadeOffer {
  readonly id: string
  readonly offer_uri: string
  readonly page_url: string
  readonly tx_code: string
}

/** The desk offers a guardian the credentials about one child, after two of its people looked at a document. */
export async function makeOffer(story: Story, holder: string, subject: string): Promise<MadeOffer> {
  const { apiKey } = tenant(story, SCHOOL.slug)
  const url = `${publicUrl(story.settings, 'issuer')}/v1/schools/${SCHOOL.slug}/offers`
  const json = {
    holder,
    subject,
    credentials: ['pupil', 'guardianship'],
    grant: 'pre-authorized_code',
    verification: { method: 'gezagsregister-extract', checked_by: ['desk-1', 'desk-2'] },
  }
  const { body } = await story.client.call('POST', url, { apiKey, json, expect: 201 })
  story.secrets.add(body.tx_code)
  return body
}
