import { giveConsent, type RegisteredPurpose, registerPurpose } from './purposes.ts'
import type { Network, Reply, TestApp } from './verifier.ts'
import { createWallet } from './wallet.ts'

/** The usual beginning: an app and its purpose, a second app, one pupil with a consent, and a wallet that knows both apps. */
export async function beginWithConsent(network: Network, pupil: string) {
  const app = await network.addApp('rekenrijk')
  const other = await network.addApp('leesvonk')
  const purpose = await registerPurpose(network, app)
  const consent = await giveConsent(network, app, purpose, pupil)
  const wallet = createWallet(network, pupil, [app, other])
  const ask = async () => (await askPresentation(network, app, { purpose: purpose.id })).body
  const read = (id: string) => readPresentation(network, app, id)
  const stateOf = async (id: string) => (await read(id)).body
  return { app, other, purpose, consent, wallet, ask, read, stateOf }
}

/** The app asks for a presentation. */
export function askPresentation(
  network: Pick<Network, 'call'>,
  app: TestApp,
  json: Record<string, unknown>,
): Promise<Reply> {
  return network.call('POST', `/v1/apps/${app.slug}/presentations`, { key: app.apiKey, json })
}

/** The app reads what became of it: claims are there once. */
export function readPresentation(network: Pick<Network, 'call'>, app: TestApp, id: string): Promise<Reply> {
  return network.call('GET', `/v1/apps/${app.slug}/presentations/${id}`, { key: app.apiKey })
}

/** Asked by the app, answered from a wallet of that pupil; the state that the app reads then. */
export async function presentTo(
  network: Network,
  app: TestApp,
  purpose: RegisteredPurpose,
  pupil: string,
): Promise<string> {
  const { body: asked } = await askPresentation(network, app, { purpose: purpose.id })
  await createWallet(network, pupil, [app]).present(asked.authorization_request)
  return (await readPresentation(network, app, asked.id)).body.state
}
