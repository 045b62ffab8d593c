import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MARK_APP_VENDOR } from '@samen/consent'
import { formatTrustAnchor } from '@samen/federation'
import { decodeJwt, type PublicJwk } from '@samen/jwt-profile'
import { pooledRandom } from '@samen/sealing'
import {
  createTestFederation,
  fixedClock,
  freePort,
  freshDatabase,
  type Others,
  serveFederation,
  startOthers,
  type TestFederation,
} from '@samen/test-kit'
import { createVerifierApp } from '../../src/app.ts'
import type { AppTenant } from '../../src/app-tenant/app-tenant.ts'
import { readConfig } from '../../src/config.ts'
import { type Deps, openDeps } from '../../src/deps.ts'
import { pullMembership } from '../../src/membership/pull-membership.ts'
import { type Registry, startRegistry } from './registry.ts'
import { type School, startSchool } from './school.ts'

type Test = { teardown(work: () => Promise<void> | void): unknown }

/** A verifier over a real database, and everybody it talks to, on loopback. */
export interface Network {
  readonly base: string
  readonly deps: Deps
  readonly clock: ReturnType<typeof fixedClock>
  readonly others: Others
  readonly federation: TestFederation
  readonly registry: Registry
  readonly school: School
  readonly superuserUrl: string
  readonly log: string[]
  /** A second process of the same node, until the test is over. */
  openAgain(t: Test): Promise<Deps>
  call(method: 'GET' | 'POST' | 'DELETE', path: string, options?: CallOptions): Promise<Reply>
  /** Adds an app and lets it into the federation. */
  addApp(slug: string, more?: Record<string, unknown>): Promise<TestApp>
}

export interface CallOptions {
  readonly key?: string
  readonly json?: unknown
  readonly form?: Record<string, string>
  readonly text?: { type: string; body: string }
  readonly headers?: Record<string, string>
}

export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests read many shapes; a wrong one fails the test
  readonly body: any
  readonly text: string
  readonly headers: Headers
}

export interface TestApp {
  readonly slug: string
  readonly entityId: string
  readonly apiKey: string
  readonly encryptionKey: PublicJwk
}

const MIGRATIONS = new URL('../../migrations/', import.meta.url)

export async function startNetwork(t: Test): Promise<Network> {
  const clock = fixedClock()
  const others = await startOthers()
  t.teardown(others.stop)
  const federation = await createTestFederation({ now: clock.now, entityId: `${others.base}/anchor` })
  serveFederation(others, federation)
  const registry = await startRegistry(others, federation, clock.now)
  const school = await startSchool(others, federation, 'waterkant', clock.now)
  const { url, superuserUrl } = await freshDatabase(t, { migrations: MIGRATIONS })
  const { base, deps, log, openAgain } = await startVerifier(t, { databaseUrl: url, federation, clock })
  const call = caller(base)
  const addApp = async (slug: string, more: Record<string, unknown> = {}) => {
    const json = { slug, name: `App ${slug}`, registry: registry.entityId, ...more }
    const { body } = await call('POST', '/v1/apps', { key: operatorKey(deps), json })
    return admitApp({ call, deps, federation }, slug, body)
  }
  return { base, deps, clock, others, federation, registry, school, superuserUrl, log, openAgain, call, addApp }
}

const operatorKeys = new WeakMap<Deps, string>()

/** The key that the first start of this verifier has made. */
export function operatorKey(deps: Deps): string {
  return operatorKeys.get(deps) ?? ''
}

async function startVerifier(
  t: Test,
  { databaseUrl, federation, clock }: { databaseUrl: string; federation: TestFederation; clock: Network['clock'] },
) {
  const directory = mkdtempSync(join(tmpdir(), 'samen-verifier-'))
  const anchorFile = join(directory, 'trust-anchor.json')
  writeFileSync(anchorFile, formatTrustAnchor(federation.anchor))
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const log: string[] = []
  const config = readConfig({
    MODE: 'development',
    PUBLIC_URL: base,
    DATABASE_URL: databaseUrl,
    DATA_DIR: directory,
    TRUST_ANCHOR_FILE: anchorFile,
    LOG_LEVEL: 'debug',
  })
  const logStream = { write: (line: string) => void log.push(line) }
  const open = () => openDeps(config, { now: clock.now, random: pooledRandom, logStream })
  const deps = await open()
  operatorKeys.set(deps, readFileSync(join(directory, 'operator-key'), 'utf8').trim())
  const app = createVerifierApp(deps)
  await app.listen({ host: '127.0.0.1', port })
  t.teardown(async () => {
    await app.close()
    await deps.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const openAgain = async (t: Test) => {
    const again = await open()
    t.teardown(() => again.close())
    return again
  }
  return { base, deps, log, openAgain }
}

async function admitApp(
  { call, deps, federation }: Pick<Network, 'call' | 'deps' | 'federation'>,
  slug: string,
  made: { entity_id: string; api_key: string },
): Promise<TestApp> {
  const { text } = await call('GET', `/apps/${slug}/.well-known/openid-federation`)
  // biome-ignore lint/suspicious/noExplicitAny: the shape is checked by what the test does with it
  const payload = decodeJwt(text, { maxBytes: 65_536 }).payload as any
  const signing = payload.metadata.openid_credential_verifier.jwks.keys
  await federation.admit({
    entityId: made.entity_id,
    federationJwks: payload.jwks.keys,
    protocolJwks: signing,
    trustMarks: [MARK_APP_VENDOR],
    configuration: () => text,
  })
  if (!(await pullMembership(deps, await findTenant(deps, slug)))) throw new Error('the app did not become a member')
  const [encryptionKey] = payload.metadata.samen_app.jwks.keys
  return { slug, entityId: made.entity_id, apiKey: made.api_key, encryptionKey }
}

/** An app as the verifier has stored it. */
export async function findTenant(deps: Deps, slug: string): Promise<AppTenant> {
  const tenant = await deps.apps.find(slug)
  if (tenant === undefined) throw new Error('no such app')
  return tenant
}

function caller(base: string): Network['call'] {
  return async (method, path, options = {}) => {
    const url = path.startsWith('http') ? path : `${base}${path}`
    const reply = await fetch(url, { method, redirect: 'manual', ...requestParts(options) })
    const text = await reply.text()
    const isJson = /json/.test(reply.headers.get('content-type') ?? '')
    return { status: reply.status, text, body: isJson ? JSON.parse(text) : text, headers: reply.headers }
  }
}

function requestParts({ key, json, form, text, headers }: CallOptions): { headers: Headers; body?: string } {
  const sent = new Headers(headers)
  if (key !== undefined) sent.set('authorization', `Bearer ${key}`)
  const content = text ?? contentOf({ json, form })
  if (content === undefined) return { headers: sent }
  sent.set('content-type', content.type)
  return { headers: sent, body: content.body }
}

function contentOf({ json, form }: Pick<CallOptions, 'json'> & { form: CallOptions['form'] | undefined }) {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) }
  if (form === undefined) return undefined
  return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(form).toString() }
}
