import { readEveryRow } from '@samen/test-kit'
import t from 'tap'
import { askPresentation, readPresentation } from './support/presentations.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startNetwork, type TestApp } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const apps = [await network.addApp('rekenrijk'), await network.addApp('leesvonk'), await network.addApp('taalrijk')]

/** A child gives an app a consent and shows it two facts; one credential for all apps. Answers what the app reads. */
async function presentOnce(app: TestApp, pupil: string) {
  const wallet = wallets.get(pupil) ?? createWallet(network, pupil, apps)
  wallets.set(pupil, wallet)
  const purpose = await registerPurpose(network, app)
  await giveConsent(network, app, purpose, pupil)
  const { body: asked } = await askPresentation(network, app, { purpose: purpose.id })
  await wallet.present(asked.authorization_request)
  const { body } = await readPresentation(network, app, asked.id)
  t.equal(body.state, 'verified')
  return body
}
const wallets = new Map<string, ReturnType<typeof createWallet>>()

t.test('what two apps have of one child has nothing in common that two children have not', async (t) => {
  const [arithmetic, reading, language] = apps as [TestApp, TestApp, TestApp]
  const read = [
    await presentOnce(arithmetic, 'noor'),
    await presentOnce(reading, 'noor'),
    await presentOnce(language, 'daan'),
  ]
  t.equal(new Set(read.map(({ pseudonym }) => pseudonym)).size, 3)

  const [a, b, other] = await Promise.all(
    [arithmetic, reading, language].map(({ slug }, at) => wordsOf(network.superuserUrl, slug, read[at])),
  )
  t.ok((a?.size ?? 0) > 50 && (b?.size ?? 0) > 50, 'there is something to compare')
  t.same(
    [...(a ?? [])].filter((word) => b?.has(word) && !other?.has(word)),
    [],
  )
})

/** Every text of six characters and more that an app has: in the rows of its tenant, and in what it read. Moments are left out. */
async function wordsOf(superuserUrl: string, tenant: string, read: unknown): Promise<Set<string>> {
  const rows = (await readEveryRow(superuserUrl)).filter(({ columns }) => columns['tenant'] === tenant)
  const text = JSON.stringify([read, rows.map(({ columns }) => columns)])
  const words = text.match(/[A-Za-z0-9_+/\\=-]{6,}/g) ?? []
  return new Set(words.filter((word) => !/^\d{4}-\d{2}-\d{2}/.test(word)))
}
