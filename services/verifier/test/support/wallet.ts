import { decodeJwt, encryptJwe, generateSigningKey, type PublicJwk, type SigningKey } from '@samen/jwt-profile'
import { type ClaimPath, presentSdJwtVc } from '@samen/sd-jwt-vc'
import type { Network, Reply, TestApp } from './verifier.ts'

/** The request object of a link, as a wallet reads it. */
// biome-ignore lint/suspicious/noExplicitAny: a wallet reads the whole request; tests pick from it
export type RequestObject = any

export interface Answer {
  readonly disclose?: ClaimPath[]
  readonly nonce?: string
  readonly audience?: string
  readonly state?: string
  readonly now?: Date
  readonly vpToken?: (presentation: string) => unknown
  readonly enc?: 'A128GCM' | 'A256GCM'
}

/** A wallet with one credential of one child, made for this test: every part of its answer can be bent. */
export interface Wallet {
  readonly credential: string
  readonly holder: SigningKey
  fetchRequest(link: string): Promise<RequestObject>
  /** The form that answers a request. */
  answer(request: RequestObject, bent?: Answer): Promise<Record<string, string>>
  /** Fetches, answers, posts. */
  respond(link: string, bent?: Answer): Promise<Reply>
  /** The same on a phone: then the app types the number that the phone shows into its own page. Returns the answer to the wallet. */
  present(link: string, bent?: Answer): Promise<Reply>
}

export function createWallet(
  network: Pick<Network, 'call' | 'clock' | 'school'>,
  pupil: string,
  apps: readonly TestApp[],
  more: { idx?: number; iss?: string; holder?: SigningKey; credential?: string } = {},
): Wallet {
  const holder = more.holder ?? generateSigningKey()
  const audiences = apps.map(({ entityId }) => entityId)
  const credential = more.credential ?? network.school.issue(holder.publicJwk, { pupil, audiences, ...more })
  const fetchRequest = async (link: string) => {
    const { text } = await network.call('GET', new URL(link).searchParams.get('request_uri') ?? '')
    return decodeJwt(text, { maxBytes: 65_536 }).payload
  }
  const answer = async (request: RequestObject, bent: Answer = {}) => {
    const disclose = bent.disclose ?? askedPaths(request)
    const presentation = presentSdJwtVc(credential, {
      disclose,
      nonce: bent.nonce ?? request.nonce,
      audience: bent.audience ?? request.client_id,
      holderKey: holder,
      now: bent.now ?? network.clock.now(),
    })
    const vpToken = bent.vpToken?.(presentation) ?? { pupil: [presentation] }
    const content = JSON.stringify({ vp_token: vpToken, state: bent.state ?? request.state })
    const [key] = (request as RequestObject).client_metadata.jwks.keys as (PublicJwk & { kid: string })[]
    if (key === undefined) throw new Error('the request has no key')
    return { response: await encryptJwe(content, key, {}, bent.enc ?? 'A256GCM') }
  }
  const respond = async (link: string, bent?: Answer) => {
    const request = await fetchRequest(link)
    return network.call('POST', String(request.response_uri), { form: await answer(request, bent) })
  }
  return {
    credential,
    holder,
    fetchRequest,
    answer,
    respond,
    async present(link, bent) {
      const answered = await respond(link, bent)
      if (answered.status === 200) await typeNumber(network, apps, answered.body.redirect_uri)
      return answered
    },
  }
}

/** What the phone shows, typed into the page of the app whose request it was. */
export async function typeNumber(
  network: Pick<Network, 'call'>,
  apps: readonly TestApp[],
  redirectUri: string,
): Promise<Reply> {
  const id = new URL(redirectUri).pathname.split('/')[2] ?? ''
  const app = apps.find(({ slug }) => id.startsWith(`${slug}.`))
  const number = numberOn(await network.call('GET', redirectUri))
  const json = { number }
  return network.call('POST', `/v1/apps/${app?.slug}/presentations/${id}/pairing`, { key: app?.apiKey ?? '', json })
}

/** The six digits on a page; '' when there are none. */
export function numberOn(page: Reply): string {
  return /class="number">(\d{3} \d{3})</.exec(page.text)?.[1] ?? ''
}

/** What the request's first query asks for. */
export function askedPaths(request: RequestObject): ClaimPath[] {
  return request.dcql_query.credentials[0].claims.map(({ path }: { path: ClaimPath }) => path)
}
