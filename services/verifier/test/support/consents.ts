import type { Network, Reply, TestApp } from './verifier.ts'

/** A receipt arrives for an app, from the registry or from somebody who plays it. */
export function sendReceipt(network: Pick<Network, 'call'>, to: Pick<TestApp, 'slug'>, body: string): Promise<Reply> {
  return network.call('POST', `/apps/${to.slug}/receipts`, { text: { type: 'application/jose', body } })
}

/** The notice of a withdrawal arrives for an app, likewise. */
export function sendNotice(network: Pick<Network, 'call'>, to: Pick<TestApp, 'slug'>, body: string): Promise<Reply> {
  return network.call('POST', `/apps/${to.slug}/events`, { text: { type: 'application/secevent+jwt', body } })
}

/** The state of a consent that the app has asked for, as the app reads it. */
export async function readConsentState(network: Pick<Network, 'call'>, app: TestApp, handle: string): Promise<string> {
  return (await network.call('GET', `/v1/apps/${app.slug}/consent-requests/${handle}`, { key: app.apiKey })).body.state
}
