import { type Holder, readAuthority } from './parental-authority.ts'
import type { Roles } from './read-roles.ts'
import type { PupilRow, Users } from './read-users.ts'
import type { Rejections, RowReason } from './row-rejections.ts'

/** A holder of authority over one pupil. */
export interface Guardian {
  readonly sourcedId: string
  readonly authority: Holder['authority']
  readonly relation: 'parent' | 'guardian' | 'institution'
  /** how many others hold it */
  readonly coHolderCount: number
}

/**
 * Who may decide for each pupil. Two columns must agree: `agentSourcedIds`, in either direction, says who is related and
 * nothing about authority (a parent who lost it stays related); `metadata.nl.gezag` says who holds it. A name in only one
 * of the two gives nobody anything, so that one mistyped id cannot hand a child to a stranger.
 */
export function findGuardians(
  roles: Roles,
  users: Users,
  rejections: Rejections,
): ReadonlyMap<string, readonly Guardian[]> {
  const namedByGuardian = invert(users.relatedTo)
  return new Map(
    users.pupils.map((pupil) => {
      const found = guardiansOf(pupil, roles, users, namedByGuardian.get(pupil.sourcedId) ?? [])
      for (const reason of found.reasons) rejections.reject('users.csv', pupil.row, reason)
      return [pupil.sourcedId, found.guardians]
    }),
  )
}

function invert(relatedTo: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const inverted = new Map<string, string[]>()
  for (const [guardian, children] of relatedTo)
    for (const child of children) inverted.set(child, [...(inverted.get(child) ?? []), guardian])
  return inverted
}

function guardiansOf(
  pupil: PupilRow,
  roles: Roles,
  users: Users,
  namedByGuardian: readonly string[],
): { guardians: readonly Guardian[]; reasons: readonly RowReason[] } {
  const unknownAgent = pupil.agents.some((agent) => !users.known.has(agent))
  const reasons: RowReason[] = unknownAgent ? ['unknown-guardian'] : []
  const stated = readAuthority(pupil.authority)
  if ('reason' in stated) return { guardians: [], reasons: [...reasons, stated.reason] }
  const people = stated.holders.map((holder) => holder.sourcedId)
  if (!people.every((person) => users.relatedTo.has(person))) return { guardians: [], reasons: ['unknown-guardian'] }
  const related = new Set([...pupil.agents, ...namedByGuardian])
  if (!people.every((person) => related.has(person)))
    return { guardians: [], reasons: [...reasons, 'authority-without-relation'] }
  return { guardians: stated.holders.map((holder) => guardianOf(holder, roles, people.length - 1)), reasons }
}

function guardianOf({ sourcedId, authority }: Holder, roles: Roles, coHolderCount: number): Guardian {
  const relation = authority === 'institution' ? 'institution' : (roles.guardians.get(sourcedId) ?? 'guardian')
  return { sourcedId, authority, relation, coHolderCount }
}
