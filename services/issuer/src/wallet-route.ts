import { notFound, ProtocolError } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { DPOP_CHALLENGE } from '@samen/oauth'
import type { Deps } from './deps.ts'
import type { School } from './school/school.ts'
import { authenticateWallet, type Wallet } from './token/authenticate-wallet.ts'

type Request = { readonly headers: { readonly 'content-type'?: string | undefined }; readonly body: unknown }

/**
 * What the endpoints that wallets call have in common: they refuse in the words of their specification, and always with
 * 400, also where HTTP itself would have another number for a body that cannot be read. VCI#credential-request-errors
 */
export function walletRoute(invalidRequestCode: string) {
  return {
    config: { errorStyle: 'protocol' as const, invalidRequestCode },
    errorHandler: (error: Error) => {
      const unreadable = 'code' in error && String(error.code).startsWith('FST_ERR_CTP_')
      throw unreadable ? malformed(invalidRequestCode) : error
    },
  }
}

/**
 * What the endpoints that need an access token have in common: who asks is proved before a byte of the body is read, and a
 * request without a token learns how to ask and no more. RFC6750#section-3, VCI#authorization-errors
 */
export function protectedRoute(deps: Deps, endpoint: 'credential' | 'notification', invalidRequestCode: string) {
  const callers = new WeakMap<object, { readonly school: School; readonly wallet: Wallet }>()
  return {
    options: {
      ...walletRoute(invalidRequestCode),
      onRequest: async (request: Arriving, reply: Refusing) => {
        const school = await findSchool(deps, (request.params as { school: string }).school)
        const { authorization, dpop } = request.headers
        if (authorization === undefined) return reply.code(401).header('www-authenticate', DPOP_CHALLENGE).send()
        callers.set(request, { school, wallet: authenticateWallet(deps, school, { authorization, dpop, endpoint }) })
        return undefined
      },
    },
    /** The parsed body and who sent it. Throws ProtocolError 400 with the code of the endpoint for a body that is no JSON. */
    read: (request: Request): { readonly school: School; readonly wallet: Wallet; readonly body: unknown } => {
      const caller = callers.get(request)
      if (caller === undefined) throw new Error('nobody was authenticated')
      return { ...caller, body: assertJson(request, invalidRequestCode) }
    },
  }
}

type Arriving = {
  readonly params: unknown
  readonly headers: { readonly authorization?: string | undefined; readonly dpop?: string | string[] | undefined }
}
type Refusing = {
  code(status: number): Refusing
  header(name: string, value: string): Refusing
  send(payload?: unknown): unknown
}

/** The school of a URL. Throws Problem 404 as for a URL that does not exist. */
export async function findSchool(deps: Pick<Deps, 'schools'>, slug: string): Promise<School> {
  const school = await deps.schools.find(slug)
  if (school === undefined) throw notFound()
  return school
}

/** The body of a form. Throws ProtocolError 400 `invalid_request` for anything else. RFC6749#section-4.1.3 */
export function assertForm(request: Request): Readonly<Record<string, string>> {
  assertMediaType(request, 'application/x-www-form-urlencoded', 'invalid_request')
  return request.body as Readonly<Record<string, string>>
}

function assertJson(request: Request, code: string): unknown {
  assertMediaType(request, 'application/json', code)
  return request.body
}

/** Answers every other method of a URL with 405 and the one that works. */
export function refuseOtherMethods(app: App, url: string, method: 'GET' | 'POST'): void {
  app.route({
    method: [method === 'GET' ? 'POST' : 'GET', 'PUT', 'PATCH', 'DELETE'],
    url,
    ...walletRoute('invalid_request'),
    schema: { hide: true },
    handler: () => {
      const allow = method === 'GET' ? 'GET, HEAD' : 'POST'
      throw new ProtocolError(405, 'invalid_request', 'another method is needed here', { headers: { allow } })
    },
  })
}

type Answer = {
  readonly destroyed: boolean
  once(event: 'finish' | 'close', listener: () => void): unknown
}

/**
 * Calls `sent` as soon as an answer is handed to the system whole, or else `lost`: the other side hung up, before or while it
 * was sent.
 */
export function onceAnswered(answer: Answer, then: { readonly sent: () => void; readonly lost: () => void }): void {
  if (answer.destroyed) {
    then.lost()
    return
  }
  let isSent = false
  answer.once('finish', () => {
    isSent = true
    then.sent()
  })
  answer.once('close', () => {
    if (!isSent) then.lost()
  })
}

function assertMediaType({ headers, body }: Request, mediaType: string, code: string): void {
  const sent = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (sent !== mediaType || body === undefined || body === null) throw malformed(code)
}

const malformed = (code: string): ProtocolError =>
  new ProtocolError(400, code, 'the request does not have the required form')
