import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { notFound, ProtocolError } from '@samen/errors'
import { type App, acceptsGzip, preferredType } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import type { SignedList } from './published-lists.ts'

const Params = Type.Object({ id: Type.String({ maxLength: 64 }) })
const MEDIA_TYPE = 'application/statuslist+jwt'
const URL = '/consent-lists/:id'
const config = { errorStyle: 'protocol' } as const

/** `GET /consent-lists/{id}`: a status list token under a lease of ten seconds (TSL#status-list-request), from memory. */
export function registerConsentListRoutes(app: App, deps: Deps): void {
  const zipped = createZipped()
  app.get(
    URL,
    {
      config,
      schema: {
        tags: ['public'],
        summary: 'A list of live consents, as a status list token',
        params: Params,
        produces: [MEDIA_TYPE],
      },
    },
    async (request, reply) => {
      if (preferredType(request.headers, [MEDIA_TYPE]) === undefined)
        throw new ProtocolError(406, 'invalid_request', 'this list exists as a JWT')
      // Whoever asks how a list was at another time would take the answer for that: only the one of now is kept.
      if ('time' in (request.query as object))
        throw new ProtocolError(501, 'invalid_request', 'only the list of now is here')
      const list = findList(deps, request.params.id)
      const isZipped = acceptsGzip(request.headers)
      reply.type(MEDIA_TYPE).headers({
        'cache-control': 'public, max-age=1',
        'access-control-allow-origin': '*',
        vary: 'Accept, Accept-Encoding',
        ...(isZipped && { 'content-encoding': 'gzip' }),
      })
      return reply.send(isZipped ? await zipped(list) : list.token)
    },
  )
  app.route({
    method: ['POST', 'PUT', 'PATCH', 'DELETE'],
    url: URL,
    config,
    schema: { hide: true },
    handler: () => {
      const headers = { allow: 'GET, HEAD' }
      throw new ProtocolError(405, 'invalid_request', 'another method is needed here', { headers })
    },
  })
}

function findList({ lists, now }: Pick<Deps, 'lists' | 'now'>, id: string): SignedList {
  if (!lists.has(id)) throw notFound()
  const list = lists.find(id, now())
  if (list !== undefined) return list
  // Nothing is better than a list whose lease has run out: verifiers fail closed.
  throw new ProtocolError(503, 'temporarily_unavailable', 'the list is being signed', {
    headers: { 'retry-after': '1' },
  })
}

/** The same list is packed once, for as long as it is published. */
function createZipped(): (list: SignedList) => Promise<Buffer> {
  const pack = promisify(gzip)
  const known = new WeakMap<SignedList, Promise<Buffer>>()
  return (list) => {
    const bytes = known.get(list) ?? pack(list.token)
    known.set(list, bytes)
    return bytes
  }
}
