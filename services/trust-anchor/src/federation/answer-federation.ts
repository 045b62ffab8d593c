import { ProtocolError } from '@samen/errors'
import type { Deps } from '../deps.ts'

type Memory = Pick<Deps, 'members' | 'entityId'>

/** FED#fetch_endpoint: what the anchor says about `sub`. Throws ProtocolError 400 `invalid_request`, 404 `not_found`. */
export function fetchStatement({ members, entityId }: Memory, sub: string | undefined): string {
  if (!sub || sub === entityId) throw new ProtocolError(400, 'invalid_request', 'sub has to name a subordinate')
  const member = members.find(sub)
  if (member === undefined) throw notFound()
  return members.statementAbout(member)
}

export type ListFilter = {
  entity_type?: string
  trust_mark_type?: string
  trust_marked?: string
  intermediate?: string
}

/**
 * FED#subordinate-request: direct subordinates that fit every filter. There are no intermediates here, so `intermediate=true` fits
 * nobody. Throws ProtocolError 400 `invalid_request` for a truth value that is neither true nor false.
 */
export function listMembers({ members }: Memory, filter: ListFilter): string[] {
  const { entity_type: type, trust_mark_type: mark } = filter
  const marked = readBoolean(filter.trust_marked)
  if (readBoolean(filter.intermediate) === true) return []
  return members
    .all()
    .filter(({ entity_types }) => type === undefined || entity_types.includes(type))
    .filter(({ trust_marks }) => mark === undefined || trust_marks.includes(mark))
    .filter(({ trust_marks }) => marked !== true || trust_marks.length > 0)
    .map(({ entity_id }) => entity_id)
}

function readBoolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  if (text !== 'true' && text !== 'false')
    throw new ProtocolError(400, 'invalid_request', 'a filter is neither true nor false')
  return text === 'true'
}

/** FED#tm-request: the mark of `type` that `sub` was given. Throws ProtocolError 404 `not_found`. */
export function fetchTrustMark({ members }: Memory, type: string, sub: string): string {
  const member = members.find(sub)
  if (!member?.trust_marks.includes(type)) throw notFound()
  return members.markOf(member, type)
}

function notFound(): ProtocolError {
  return new ProtocolError(404, 'not_found', 'there is no such member')
}
