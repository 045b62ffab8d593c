// A real anchor over a real database, and a member that answers over real HTTP.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signEntityConfiguration } from '@samen/federation'
import { generateSigningKey, type SigningKey } from '@samen/jwt-profile'
import { SYSTEM } from '@samen/node-kit'
import type { JsonObject } from '@samen/strict-json'
import { fixedClock, freshDatabase, startHttp } from '@samen/test-kit'
import { createEnrolmentApp, createTrustAnchorApp } from '../src/app.ts'
import { type Config, filesOf } from '../src/config.ts'
import { type Deps, openDeps } from '../src/deps.ts'

export const ANCHOR = 'https://anchor.example'
export const SCHOOL = 'urn:samen:trust-mark:school'

type Test = Parameters<typeof freshDatabase>[0] & Parameters<typeof startHttp>[0]

type FixedClock = ReturnType<typeof fixedClock>

export type RunningAnchor = {
  readonly deps: Deps
  readonly config: Config
  readonly clock: FixedClock
  readonly superuserUrl: string
  /** a public document by its path below the anchor */
  read(path: string): Promise<Response>
  /** the operator at the private port; `null` sends no key */
  operate(method: string, path: string, body?: object, options?: { key?: string | null }): Promise<Response>
  operatorKey(): string
}

const MIGRATIONS = new URL('../migrations/', import.meta.url)

export async function settings(t: Test): Promise<{ config: Config; superuserUrl: string }> {
  const { url, superuserUrl } = await freshDatabase(t, { migrations: MIGRATIONS })
  const dataDirectory = mkdtempSync(join(tmpdir(), 'samen-anchor-'))
  t.teardown(() => rmSync(dataDirectory, { recursive: true, force: true }))
  const ports = { host: '127.0.0.1', port: 0, privateHost: '127.0.0.1', privatePort: 0 }
  const config = {
    mode: 'development',
    publicUrl: ANCHOR,
    ...ports,
    databaseUrl: url,
    dataDirectory,
    logLevel: 'silent',
    allowedHosts: [],
  } as const
  return { config, superuserUrl }
}

export async function runAnchor(t: Test, given?: Config): Promise<RunningAnchor> {
  const { config, superuserUrl } = given ? { config: given, superuserUrl: '' } : await settings(t)
  const clock = fixedClock()
  const deps = await openDeps(config, { ...SYSTEM, now: clock.now })
  t.teardown(() => deps.close())
  const open = await startHttp(t, createTrustAnchorApp(deps))
  const inside = await startHttp(t, createEnrolmentApp(deps))
  const operatorKey = () => readFileSync(filesOf(config).operatorKey, 'utf8').trim()
  return {
    deps,
    config,
    clock,
    superuserUrl,
    operatorKey,
    read: (path) => fetch(`${open}${path}`),
    operate: (method, path, body, { key = operatorKey() } = {}) =>
      fetch(`${inside}${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  }
}

export type RunningMember = {
  readonly entityId: string
  readonly federationKey: SigningKey
  readonly credentialKey: SigningKey
  /** how often its configuration was asked for */
  asked: number
  /** what it answers; a test may put anything here */
  answer: { status: number; type: string; body: () => string }
  sign(changes?: { metadata?: Record<string, JsonObject>; superior?: string; key?: SigningKey }): string
}

/** A school that says who it is, at a free loopback port. */
export async function runMember(t: Test, clock: FixedClock, slug = 'de-wilg'): Promise<RunningMember> {
  const federationKey = generateSigningKey()
  const credentialKey = generateSigningKey()
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/.well-known/openid-federation')) member.asked += 1
    response.writeHead(member.answer.status, { 'content-type': member.answer.type }).end(member.answer.body())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void server.close())
  const entityId = `http://127.0.0.1:${(server.address() as AddressInfo).port}/schools/${slug}`
  const member: RunningMember = {
    entityId,
    federationKey,
    credentialKey,
    asked: 0,
    answer: { status: 200, type: 'application/entity-statement+jwt', body: () => member.sign() },
    sign: ({ metadata, superior = ANCHOR, key = federationKey } = {}) =>
      signEntityConfiguration({
        key,
        entityId,
        authorityHints: [superior],
        metadata: metadata ?? schoolMetadata(entityId, credentialKey),
        trustMarks: [],
        now: clock.now(),
        lifetimeSeconds: 3600,
        federationJwks: [key.publicJwk],
      }),
  }
  return member
}

export function schoolMetadata(entityId: string, key: SigningKey): Record<string, JsonObject> {
  return {
    federation_entity: { organization_name: 'De Wilg' },
    openid_credential_issuer: { credential_issuer: entityId, jwks: { keys: [{ ...key.publicJwk } as JsonObject] } },
  }
}

/** The entity id as it stands in a path or query. */
export const enc = encodeURIComponent
