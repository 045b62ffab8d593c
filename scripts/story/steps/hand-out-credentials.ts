import { readFileSync } from 'node:fs'
import { createWallet, type Wallet } from '@samen/test-wallet'
import { trustAnchorFile } from '../../network/services.ts'
import { publicUrl } from '../../network/settings.ts'
import { CHILD, GUARDIANS, SCHOOL, SIBLING } from '../cast.ts'
import { tenant } from '../memory.ts'
import type { Story } from '../story.ts'

/** How many one-time copies of each credential the wallets ask for. */
const COPIES = 4

/** Step 4: the desk makes offers after a document check, and the guardians' wallets redeem them. */
export async function handOutCredentials(story: Story): Promise<void> {
  const { print, family } = story
  const [first, second] = GUARDIANS
  family.first = newWallet(story)
  family.second = newWallet(story)
  for (const child of [CHILD, SIBLING]) await handOut(story, family.first, first, child)
  await handOut(story, family.second, second, CHILD)

  const held = family.first.credentials.length
  print.check(
    `Each guardian fetched ${COPIES} copies of each credential, every copy with its own key, salts and status index.`,
  )
  print.sees(
    'The wallets see',
    `pupil and guardianship credentials of the school (${held} copies in the first wallet).`,
  )
  print.sees('The school sees', 'that its offers were fetched. It will not see where a credential is shown.')
  print.stored(
    'The issuer',
    'per copy: a random id, a status index and a keyed hash of its subject; codes and tokens only as hashes.',
  )
}

function newWallet(story: Story): Wallet {
  const { ca } = JSON.parse(readFileSync(trustAnchorFile(story.settings), 'utf8'))
  return createWallet({ allowInsecureLoopback: true, trustedCaPem: ca })
}

async function handOut(story: Story, wallet: Wallet, holder: string, subject: string): Promise<void> {
  const { apiKey } = tenant(story, SCHOOL.slug)
  const url = `${publicUrl(story.settings, 'issuer')}/v1/schools/${SCHOOL.slug}/offers`
  const { body: offer } = await story.client.call('POST', url, {
    apiKey,
    expect: 201,
    json: {
      holder,
      subject,
      credentials: ['pupil', 'guardianship'],
      grant: 'pre-authorized_code',
      verification: { method: 'gezagsregister-extract', checked_by: ['desk-1', 'desk-2'] },
    },
  })
  await story.client.call('GET', offer.page_url, { expect: 200, accept: 'text/html' })
  await wallet.redeemOffer(offer.offer_uri, { txCode: offer.tx_code, copies: COPIES, label: subject })
}
