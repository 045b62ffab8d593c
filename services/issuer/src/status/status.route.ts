import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { notFound, Problem } from '@samen/errors'
import { type App, acceptsGzip, preferredType } from '@samen/http-kit'
import { Type } from 'typebox'
import { SchoolSlug } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { findSchool, refuseOtherMethods } from '../wallet-route.ts'
import { LIST_MAX_AGE_SECONDS, type PublishedList } from './status-lists.ts'

const Params = Type.Object({
  school: SchoolSlug,
  list: Type.String({ maxLength: 64, examples: ['qPmxiNFCR3QTm19POc8u1A'] }),
})
const MEDIA_TYPE = 'application/statuslist+jwt'

/** `GET /schools/{school}/status-lists/{list}`: the same bytes for everybody, from memory. TSL#status-list-request */
export function registerStatusRoute(app: App, deps: Deps): void {
  const url = '/schools/:school/status-lists/:list'
  const zipped = createZipped()
  app.get(
    url,
    {
      schema: {
        tags: ['status'],
        summary: 'Which copies are revoked: a status list token',
        params: Params,
        produces: [MEDIA_TYPE],
        response: {
          200: Type.String({ examples: ['eyJ0eXAiOiJzdGF0dXNsaXN0K2p3dCIsImFsZyI6IkVTMjU2In0.…'] }),
          304: Type.Null({ description: 'As you have it' }),
        },
      },
    },
    async (request, reply) => {
      assertAskedFor(request.headers, request.query as object)
      const school = await findSchool(deps, request.params.school)
      const list = await deps.statusLists.find(school, request.params.list)
      if (list === undefined) throw notFound()
      const isZipped = acceptsGzip(request.headers)
      const etag = isZipped ? list.etag.replace(/"$/, '-gzip"') : list.etag
      reply.headers({
        'cache-control': `public, max-age=${LIST_MAX_AGE_SECONDS}`,
        // A page in a browser may check a credential too. TSL#status-list-request
        'access-control-allow-origin': '*',
        vary: 'Accept, Accept-Encoding',
        etag,
        ...(isZipped && { 'content-encoding': 'gzip' }),
      })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send(null)
      return reply.type(MEDIA_TYPE).send((isZipped ? await zipped(list) : list.token) as string)
    },
  )
  refuseOtherMethods(app, url, 'GET')
}

/** Whoever asks how a list was at another time would take the answer for that: only the one of now is kept. */
function assertAskedFor(headers: IncomingHttpHeaders, query: object): void {
  if (preferredType(headers, [MEDIA_TYPE]) === undefined)
    throw new Problem(406, 'not-acceptable', 'This list exists as a JWT')
  if ('time' in query) throw new Problem(501, 'not-implemented', 'Only the list of now is here')
}

/** The same list is compressed once, for as long as it is published. */
function createZipped(): (list: PublishedList) => Promise<Buffer> {
  const compress = promisify(gzip)
  const known = new WeakMap<PublishedList, Promise<Buffer>>()
  return (list) => {
    const bytes = known.get(list) ?? compress(list.token)
    known.set(list, bytes)
    return bytes
  }
}
