// Trust in another member, from the configured anchor alone. Three documents per member, fetched in an order in which nothing that
// a stranger says makes us connect to a stranger: the anchor's list, the anchor's statement, then the member itself. Where the anchor
// keeps the first two it says in its own configuration.
import type { PublicJwk } from '@samen/jwt-profile'
import { type JsonObject, parseJson } from '@samen/strict-json'
import { type AnchorEndpoints, createAnchorEndpoints } from './anchor-endpoints.ts'
import { boundedMap } from './bounded-map.ts'
import { assertEntityId, entityConfigurationUrl } from './entity-id.ts'
import { fetchDocument } from './fetch-document.ts'
import type { TrustAnchor } from './trust-anchor-file.ts'
import { type TrustChain, verifyTrustChain } from './trust-chain.ts'
import { TrustError } from './trust-error.ts'
import { readTrustMark, type TrustMark } from './trust-mark.ts'

/** A member as the federation knows it at this moment; not to be used after `expiresAt`. `jwks` are its federation keys. */
export type Member = {
  readonly entityId: string
  readonly jwks: readonly PublicJwk[]
  readonly metadata: Readonly<Record<string, JsonObject>>
  readonly trustMarks: readonly string[]
  readonly expiresAt: Date
}

/** The role that the member must play, and the mark that it must carry. */
export type ResolvePolicy = {
  readonly entityType: string | 'not-needed'
  readonly trustMark: string | 'not-needed'
}

export type TrustResolver = {
  resolve(entityId: string, policy: ResolvePolicy): Promise<Member>
  refresh(): Promise<void>
}

type ResolverDeps = { anchor: TrustAnchor; fetchText: (url: string) => Promise<string>; now: () => Date }
type ListedDeps = ResolverDeps & { readonly endpoints: () => Promise<AnchorEndpoints> }
type Held = { readonly statements: readonly string[]; readonly issuedAt: readonly Date[] }
type Entry = {
  readonly outcome: Member | TrustError
  readonly askedAt: Date
  readonly until: Date
  readonly held: Held | undefined
}

const LONGEST_TRUST_MS = 600_000
const RETRY_AFTER_MS = 5_000
const RENEWED_TOGETHER = 8
const MOST_MEMBERS = 2_000
const LARGEST_LIST = 1_048_576

/**
 * FED#resolving_trust. `resolve` returns the member, or throws TrustError: `not_a_member`, `wrong_entity_type`,
 * `missing_trust_mark`, `unreachable`, or the reason its statements do not hold. Answers are kept until the earliest expiry of the
 * chain, at most ten minutes, so that an expelled member is gone by then; refusals, also for want of a mark, for five seconds. `refresh`, called on a timer,
 * re-reads the list, forgets who left it and renews what is past half its time, so that requests rarely wait.
 */
export function createTrustResolver(input: ResolverDeps): TrustResolver {
  const deps = { ...input, endpoints: createAnchorEndpoints(input) }
  const entries = boundedMap<string, Entry>(MOST_MEMBERS)
  const underway = new Map<string, Promise<Member>>()
  const list = createMemberList(deps)

  const renew = (entityId: string): Promise<Member> => {
    const running = underway.get(entityId)
    if (running !== undefined) return running
    const started = lookUp(deps, list, entityId, entries).finally(() => underway.delete(entityId))
    underway.set(entityId, started)
    return started
  }

  return {
    async resolve(entityId, policy) {
      assertEntityId(entityId)
      const entry = entries.get(entityId)
      if (entry === undefined || entry.until <= deps.now()) return assertFits(await renew(entityId), policy)
      if (entry.outcome instanceof TrustError) throw entry.outcome
      const isRecent = later(entry.askedAt, RETRY_AFTER_MS) > deps.now()
      if (isRecent || misfit(entry.outcome, policy) === undefined) return assertFits(entry.outcome, policy)
      // It may carry by now what it did not: a node that has just started gets its mark a moment after it answers.
      return assertFits(await renew(entityId), policy)
    },
    async refresh() {
      const members = await list.reload()
      const gone = entries.all().filter(([entityId]) => !members.has(entityId))
      for (const [entityId] of gone) entries.delete(entityId)
      const due = entries.all().filter(([, entry]) => isPastHalf(entry, deps.now()))
      while (due.length > 0) {
        await Promise.all(
          due.splice(0, RENEWED_TOGETHER).map(([entityId]) => renew(entityId).catch(keepUntilItExpires)),
        )
      }
    },
  }
}

/** A failed renewal changes nothing: what is held stays good until its own expiry and is refused after it. */
function keepUntilItExpires(): void {}

function isPastHalf(entry: Entry, now: Date): boolean {
  return entry.until.getTime() - now.getTime() < LONGEST_TRUST_MS / 2
}

async function lookUp(
  deps: ListedDeps,
  list: MemberList,
  entityId: string,
  entries: ReturnType<typeof boundedMap<string, Entry>>,
): Promise<Member> {
  // An identifier that the anchor does not list costs nobody but the anchor one request in five seconds.
  if (!(await list.current()).has(entityId)) {
    entries.delete(entityId)
    throw new TrustError('not_a_member', 'the trust anchor does not list this entity')
  }
  const before = entries.get(entityId)
  try {
    const { chain, statements } = await fetchChain(deps, entityId, before?.held)
    const member = memberOf(deps, entityId, chain)
    const held = { statements, issuedAt: chain.issuedAt }
    entries.set(entityId, { outcome: member, askedAt: deps.now(), until: member.expiresAt, held })
    return member
  } catch (error) {
    const refusal =
      error instanceof TrustError
        ? error
        : new TrustError('unreachable', 'trust could not be looked up', { cause: error })
    const askedAt = deps.now()
    const refused = { outcome: refusal, askedAt, until: later(askedAt, RETRY_AFTER_MS), held: before?.held }
    entries.set(entityId, isStillGood(before, askedAt) ? { ...before, askedAt } : refused)
    throw refusal
  }
}

function isStillGood(entry: Entry | undefined, now: Date): entry is Entry {
  return entry !== undefined && !(entry.outcome instanceof TrustError) && entry.until > now
}

async function fetchChain(deps: ListedDeps, entityId: string, held: Held | undefined) {
  const { anchor, endpoints } = deps
  const { statement } = await endpoints()
  const link = await fetchDocument(deps, statement({ sub: entityId }))
  const own = await fetchDocument(deps, entityConfigurationUrl(entityId))
  const policy = { anchor, now: deps.now() }
  const chain = aboutEntity(verifyTrustChain([own, link], policy), entityId)
  const statements = newest({ statements: [own, link], issuedAt: chain.issuedAt }, held)
  return { chain: aboutEntity(verifyTrustChain(statements, policy), entityId), statements }
}

/** Replaying an older statement would bring back keys or endpoints that were replaced; the newer one seen before stands. */
function newest(fetched: Held, held: Held | undefined): readonly string[] {
  return fetched.statements.map((statement, i) => {
    const before = held?.statements[i]
    const seenAt = held?.issuedAt[i]
    const issuedAt = fetched.issuedAt[i]
    return before !== undefined && seenAt !== undefined && issuedAt !== undefined && seenAt > issuedAt
      ? before
      : statement
  })
}

function aboutEntity(chain: TrustChain, entityId: string): TrustChain {
  if (chain.configuration.subject !== entityId)
    throw new TrustError('invalid_chain', 'the chain is about another entity')
  return chain
}

function memberOf({ anchor, now }: ResolverDeps, entityId: string, chain: TrustChain): Member {
  const marks = chain.configuration.trustMarks.flatMap((mark) => soundMark({ anchor, now }, entityId, mark))
  const ends = [chain.expiresAt, ...marks.map((mark) => mark.expiresAt), later(now(), LONGEST_TRUST_MS)]
  return {
    entityId,
    jwks: chain.jwks,
    metadata: chain.configuration.metadata,
    trustMarks: marks.map((mark) => mark.type),
    expiresAt: new Date(Math.min(...ends.map((end) => end.getTime()))),
  }
}

/** FED#trust-mark-validation: a mark that does not verify, or has ended, is no mark; the entity is still a member. */
function soundMark(
  { anchor, now }: Pick<ResolverDeps, 'anchor' | 'now'>,
  subject: string,
  { type, token }: { type: string; token: string },
): TrustMark[] {
  try {
    const mark = readTrustMark(token, { issuer: anchor.entityId, jwks: anchor.jwks, subject, type, now: now() })
    return mark.expiresAt > now() ? [mark] : []
  } catch {
    return []
  }
}

/** What the member lacks for this policy, if anything. */
function misfit({ metadata, trustMarks }: Member, { entityType, trustMark }: ResolvePolicy): TrustError | undefined {
  if (entityType !== 'not-needed' && !Object.hasOwn(metadata, entityType)) {
    return new TrustError('wrong_entity_type', 'the member does not play this role')
  }
  if (trustMark !== 'not-needed' && !trustMarks.includes(trustMark)) {
    return new TrustError('missing_trust_mark', 'the member does not carry the mark that is needed here')
  }
  return undefined
}

function assertFits(member: Member, policy: ResolvePolicy): Member {
  const lack = misfit(member, policy)
  if (lack !== undefined) throw lack
  return member
}

type MemberList = { current(): Promise<ReadonlySet<string>>; reload(): Promise<ReadonlySet<string>> }

/** FED#entity_listing. Asked at most once in five seconds however many strangers knock; a failed answer counts as asked. */
function createMemberList(deps: ListedDeps): MemberList {
  let asked: { at: Date; members: Promise<ReadonlySet<string>> } | undefined
  const reload = () => {
    asked = { at: deps.now(), members: fetchList(deps) }
    return asked.members
  }
  return {
    reload,
    current: () => (asked !== undefined && later(asked.at, RETRY_AFTER_MS) > deps.now() ? asked.members : reload()),
  }
}

async function fetchList(deps: ListedDeps): Promise<ReadonlySet<string>> {
  const { list } = await deps.endpoints()
  const text = await fetchDocument(deps, list())
  try {
    const members = parseJson(text, { maxBytes: LARGEST_LIST })
    if (Array.isArray(members) && members.every((member) => typeof member === 'string')) return new Set(members)
  } catch (cause) {
    throw new TrustError('unreachable', 'the list of members cannot be read', { cause })
  }
  throw new TrustError('unreachable', 'the list of members cannot be read')
}

function later(at: Date, milliseconds: number): Date {
  return new Date(at.getTime() + milliseconds)
}
