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

/** FED#entity_listing: direct subordinates, narrowed by type and mark. There are no intermediates here. */
export function listMembers(
  { members }: Memory,
  filter: { entity_type?: string; trust_mark_type?: string; trust_marked?: string; intermediate?: string },
): string[] {
  if (filter.intermediate === 'true') return []
  return members
    .all()
    .filter(({ entity_types }) => filter.entity_type === undefined || entity_types.includes(filter.entity_type))
    .filter(({ trust_marks }) => filter.trust_mark_type === undefined || trust_marks.includes(filter.trust_mark_type))
    .filter(
      ({ trust_marks }) =>
        filter.trust_marked === undefined || trust_marks.length > 0 === (filter.trust_marked === 'true'),
    )
    .map(({ entity_id }) => entity_id)
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
