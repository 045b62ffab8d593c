import { generateSigningKey, type SigningKey, signJwt } from '@samen/jwt-profile'
import { createDpopProof } from '@samen/oauth'
import { sql } from '@samen/pg-kit'
import { hashSecret, newSecret } from '@samen/sealing'
import { until } from '@samen/test-kit'
import {
  deskOrder,
  GRANT,
  type IssuingNode,
  type MadeOffer,
  makeOffer,
  readCode,
  type TestSchool,
} from './issuing-school.ts'

/** A wallet: a DPoP key, and as many holder keys as it likes. */
export class TestWallet {
  readonly node: IssuingNode
  readonly school: TestSchool
  readonly key: SigningKey = generateSigningKey()
  accessToken = ''

  constructor(node: IssuingNode, school: TestSchool) {
    this.node = node
    this.school = school
  }

  dpop(endpoint: string, change: Record<string, unknown> = {}): string {
    return createDpopProof(this.key, {
      htm: 'POST',
      htu: `${this.school.entityId}/${endpoint}`,
      accessToken: endpoint === 'token' ? 'not-used' : this.accessToken,
      jti: newSecret(16),
      now: this.node.clock.now(),
      ...change,
    })
  }

  redeem(
    code: string,
    txCode: string | undefined,
    more: Record<string, string> = {},
    headers: Record<string, string> = {},
  ) {
    const form = new URLSearchParams({
      grant_type: GRANT,
      'pre-authorized_code': code,
      ...(txCode !== undefined && { tx_code: txCode }),
      ...more,
    })
    return this.node.app.inject({
      method: 'POST',
      url: `/schools/${this.school.slug}/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', dpop: this.dpop('token'), ...headers },
      payload: form.toString(),
    })
  }

  /** Redeems an offer that must succeed. */
  async take(offer: MadeOffer, more: Record<string, string> = {}): Promise<this> {
    const reply = await this.redeem(await readCode(this.node, offer), offer.tx_code, more)
    if (reply.statusCode !== 200) throw new Error(`no token: ${reply.statusCode} ${reply.body}`)
    this.accessToken = reply.json().access_token
    return this
  }

  async nonce(): Promise<string> {
    const reply = await this.node.app.inject({ method: 'POST', url: `/schools/${this.school.slug}/nonce` })
    return reply.json().c_nonce
  }

  proof(nonce: string, key = generateSigningKey(), header: object = {}, payload: object = {}): string {
    const { kty, crv, x, y } = key.publicJwk
    return signJwt(
      key,
      { typ: 'openid4vci-proof+jwt', jwk: { kty, crv, x, y }, ...header },
      { aud: this.school.entityId, iat: Math.floor(this.node.clock.now().getTime() / 1000), nonce, ...payload },
    )
  }

  headers(endpoint: string): { authorization: string; dpop: string } {
    return { authorization: `DPoP ${this.accessToken}`, dpop: this.dpop(endpoint) }
  }

  /** Asks, and waits until the delivery of what came is marked, which happens after the answer. */
  async ask(body: unknown, headers: Record<string, string> = {}) {
    const { node, school } = this
    const reply = await node.app.inject({
      method: 'POST',
      url: `/schools/${school.slug}/credential`,
      headers: { 'content-type': 'application/json', ...this.headers('credential'), ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    })
    if (reply.statusCode === 200) await marked(node, school, reply.json().notification_id)
    return reply
  }

  /** Asks for copies on fresh keys with a fresh nonce. */
  async askFor(configuration: string, copies = 1) {
    const nonce = await this.nonce()
    const jwt = Array.from({ length: copies }, () => this.proof(nonce))
    return this.ask({ credential_configuration_id: configuration, proofs: { jwt } })
  }

  notify(body: unknown, headers: Record<string, string> = {}) {
    return this.node.app.inject({
      method: 'POST',
      url: `/schools/${this.school.slug}/notification`,
      headers: { 'content-type': 'application/json', ...this.headers('notification'), ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }
}

async function marked(node: IssuingNode, school: TestSchool, notificationId: string): Promise<void> {
  const isIntended = async () =>
    node
      .db(school.slug)
      .maybe(
        sql`select id from issuance where notification_hash = ${hashSecret(notificationId)} and state = 'intended'`,
      )
  await until('the copies count as handed over', async () => (await isIntended()) === undefined)
}

/** A wallet that has redeemed an offer for one child. */
export async function walletFor(
  node: IssuingNode,
  school: TestSchool,
  ref: string,
  credentials: readonly string[] = ['pupil'],
): Promise<{ wallet: TestWallet; offer: MadeOffer }> {
  const offer = await makeOffer(node, school, deskOrder(ref, credentials))
  return { wallet: await new TestWallet(node, school).take(offer), offer }
}
