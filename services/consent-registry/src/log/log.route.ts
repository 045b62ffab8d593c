import { notFound } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { currentCheckpoint, readLogTile } from './serve-log.ts'

const OPEN = { 'access-control-allow-origin': '*' }
const FOR_EVER = 'public, max-age=31536000, immutable'

/** `GET /log/checkpoint` and `GET /log/tile/…` (TLOG#merkle-tree): everything that is needed to check the log, for anybody. */
export function registerLogRoutes(app: App, deps: Deps): void {
  app.get(
    '/log/checkpoint',
    {
      schema: {
        tags: ['log'],
        summary: 'The newest signed head of the log (C2SP checkpoint)',
        produces: ['text/plain'],
      },
    },
    async (_request, reply) => reply.type('text/plain; charset=utf-8').headers(OPEN).send(currentCheckpoint(deps)),
  )
  app.get(
    '/log/tile/*',
    {
      schema: {
        tags: ['log'],
        summary: 'A tile of hashes or a bundle of entries (C2SP tlog-tiles)',
        params: Type.Object({ '*': Type.String({ maxLength: 128 }) }),
        produces: ['application/octet-stream'],
      },
    },
    async (request, reply) => {
      // Caches keep a full one for a year: none of a database that was set back.
      deps.head.assertIntact()
      const tile = await readLogTile(deps, `tile/${request.params['*']}`)
      if (tile === undefined) throw notFound()
      // A partial tile of a given width never changes either, but grows out of use.
      const cached = { ...OPEN, 'cache-control': tile.full ? FOR_EVER : 'public, max-age=60' }
      return reply.type('application/octet-stream').headers(cached).send(tile.bytes)
    },
  )
}
