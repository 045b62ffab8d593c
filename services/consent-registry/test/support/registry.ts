import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MARK_CONSENT_REGISTRY } from '@samen/consent'
import {
  createTestFederation,
  fixedClock,
  freePort,
  freshDatabase,
  type Others,
  startOthers,
  type TestFederation,
} from '@samen/test-kit'
import { createRegistryApp } from '../../src/app.ts'
import type { Config } from '../../src/config.ts'
import { signLists } from '../../src/consent-list/sign-lists.ts'
import { type Deps, openDeps } from '../../src/deps.ts'
import { startJobs } from '../../src/jobs.ts'
import { entityConfiguration } from '../../src/membership/entity-configuration.ts'

/** The part of a tap test that is needed here. */
export type Test = { readonly teardown: (work: () => Promise<void> | void) => unknown }

export interface Reply {
  readonly status: number
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests pick members out of many shapes
  readonly body: any
  readonly headers: Headers
}

export interface CallOptions {
  readonly accept?: string
  readonly form?: Record<string, string>
  readonly jwt?: string
  readonly cookie?: string
}

/** A registry on a real database, a member of a real federation, and the test's own server for everybody else. */
export interface World {
  readonly clock: ReturnType<typeof fixedClock>
  readonly federation: TestFederation
  readonly others: Others
  readonly config: Config
  readonly deps: Deps
  readonly url: string
  /** the superuser's address of the registry's database */
  readonly superuserUrl: string
  readonly logLines: string[]
  call(method: 'GET' | 'POST', url: string, options?: CallOptions): Promise<Reply>
}

export async function startWorld(t: Test): Promise<World> {
  const clock = fixedClock()
  const federation = await createTestFederation({ now: clock.now })
  const others = await startOthers()
  t.teardown(others.stop)
  const { url: databaseUrl, superuserUrl } = await freshDatabase(t, {
    migrations: new URL('../../migrations/', import.meta.url),
  })
  const dataDirectory = mkdtempSync(join(tmpdir(), 'samen-registry-'))
  t.teardown(() => rmSync(dataDirectory, { recursive: true, force: true }))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const config: Config = {
    mode: 'development',
    publicUrl: url,
    host: '127.0.0.1',
    port,
    databaseUrl,
    dataDirectory,
    logLevel: 'debug',
    anchor: federation.anchor,
    allowedHosts: [],
  }
  const logLines: string[] = []
  const deps = await openTestDeps(config, { clock, federation, logLines })
  await admitRegistry(federation, deps)
  await deps.membership.pull()
  await signLists(deps)
  await startJobs(deps)
  const app = createRegistryApp(deps)
  await app.listen({ host: '127.0.0.1', port })
  t.teardown(async () => {
    await app.close()
    await deps.close()
  })
  return { clock, federation, others, config, deps, url, superuserUrl, logLines, call: caller(url) }
}

export function openTestDeps(
  config: Config,
  { clock, federation, logLines }: Pick<World, 'clock' | 'federation' | 'logLines'>,
): Promise<Deps> {
  const random = (bytes: number) => Buffer.from(globalThis.crypto.getRandomValues(new Uint8Array(bytes)))
  const logStream = { write: (line: string) => void logLines.push(line) }
  return openDeps(config, { now: clock.now, random, fetchText: federation.fetchText, logStream })
}

/** Admits it, or renews what the anchor has granted it. */
export async function admitRegistry(federation: TestFederation, deps: Deps): Promise<void> {
  const { keys, publicUrl } = deps
  await federation.admit({
    entityId: publicUrl,
    federationJwks: [keys.federation.publicJwk],
    protocolJwks: [keys.request.publicJwk, keys.list.publicJwk],
    trustMarks: [MARK_CONSENT_REGISTRY],
    configuration: () => entityConfiguration(deps),
  })
}

function caller(base: string): World['call'] {
  return async (method, path, { accept = 'application/json, */*;q=0.5', form, jwt, cookie } = {}) => {
    const headers: Record<string, string> = { accept, ...(cookie && { cookie }) }
    if (form) headers['content-type'] = 'application/x-www-form-urlencoded'
    if (jwt) headers['content-type'] = 'application/jwt'
    const body = form ? new URLSearchParams(form).toString() : jwt
    const reply = await fetch(new URL(path, base), { method, headers, redirect: 'manual', ...(body && { body }) })
    const text = await reply.text()
    const isJson = /json/.test(reply.headers.get('content-type') ?? '')
    return { status: reply.status, text, body: isJson ? JSON.parse(text) : undefined, headers: reply.headers }
  }
}
