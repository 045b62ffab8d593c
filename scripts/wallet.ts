// `npm run wallet -- <link> [code]`: plays the wallet of a parent in the network of this machine. It redeems an offer, or shows what a
// request asks, and keeps what it holds in the data folder. For trying out only: its keys lie there unprotected.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWallet, type HeldCredential, type Wallet } from '@samen/test-wallet'
import { trustAnchorFile } from './network/services.ts'
import { openSettings } from './network/settings.ts'

const [link, code = 'none'] = process.argv.slice(2)
process.exitCode = await main().catch((error: Error) => {
  console.error(error.message)
  return 1
})

async function main(): Promise<number> {
  if (link === undefined) throw new Error(`npm run wallet -- '<link of an offer>' <code>, or '<link of a request>'`)
  const data = resolve(process.env.SAMEN_DATA ?? fileURLToPath(new URL('../.data', import.meta.url)))
  const settings = await openSettings(data, 'preferred')
  const file = join(data, 'wallet.json')
  const { ca } = JSON.parse(readFileSync(trustAnchorFile(settings), 'utf8'))
  const held: HeldCredential[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  const wallet = createWallet({ held, allowInsecureLoopback: true, trustedCaPem: ca })
  await follow(wallet, link).catch((cause: Error) => {
    const next = 'An offer is redeemed once, a request is open for minutes: take a fresh link from the page.'
    throw new Error(`This link gave nothing: ${cause.message}\n${next}`, { cause })
  })
  writeFileSync(file, JSON.stringify(wallet.credentials), { mode: 0o600 })
  return 0
}

async function follow(wallet: Wallet, link: string): Promise<void> {
  if (link.startsWith('openid-credential-offer:')) {
    const fetched = await wallet.redeemOffer(link, { txCode: code, copies: 4, label: 'child' })
    for (const { configurationId, claims } of fetched.filter((_, at) => at % 4 === 0)) {
      console.log(`${configurationId}: ${Object.keys(claims).sort().join(', ')}`)
    }
  } else {
    const { status, redirect_uri } = await wallet.respond(link)
    console.log(redirect_uri ? `Shown. Go on in the browser: ${redirect_uri}` : `The answer was refused (${status}).`)
  }
}
