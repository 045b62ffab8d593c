import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { checkHealth } from './check-health.ts'

export function registerHealthRoute(app: App, deps: Deps): void {
  app.get(
    '/healthz',
    {
      config: { admission: 'always' },
      schema: { response: { 200: Type.Object({ status: Type.Literal('ok') }) }, tags: ['health'] },
    },
    async () => {
      await checkHealth(deps)
      return { status: 'ok' as const }
    },
  )
}
