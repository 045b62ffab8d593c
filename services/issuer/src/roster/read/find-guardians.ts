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

export interface GuardiansFound {
  readonly guardians: readonly Guardian[]
  /** whom the pupil's row names as holders of authority, when one of them has no usable row in users.csv or no row in roles.csv: then nobody can be sure */
  readonly absent: readonly Holder[] | undefined
}

/**
 * Who may decide for a pupil. Two columns must agree: `agentSourcedIds`, in either direction, says who is related and nothing
 * about authority (a parent who lost it stays related); `metadata.nl.gezag` says who holds it. A name in only one of the two
 * gives nobody anything, so that one mistyped id cannot hand a child to a stranger. What is wrong is reported.
 */
export function findGuardians(
  pupil: PupilRow,
  known: { readonly roles: Roles; readonly users: Users },
  rejections: Rejections,
): GuardiansFound {
  const { reasons, ...found } = guardiansOf(pupil, known.roles, known.users)
  for (const reason of reasons) rejections.reject('users.csv', pupil.row, reason)
  return found
}

const NOBODY: GuardiansFound = { guardians: [], absent: undefined }

function guardiansOf(pupil: PupilRow, roles: Roles, users: Users): GuardiansFound & { reasons: readonly RowReason[] } {
  const unknownAgent = pupil.agents.some((agent) => !users.known.has(agent))
  const reasons: RowReason[] = unknownAgent ? ['unknown-guardian'] : []
  const stated = readAuthority(pupil.authority)
  if ('reason' in stated) return { ...NOBODY, reasons: [...reasons, stated.reason] }
  const people = stated.holders.map((holder) => holder.sourcedId)
  // No row about somebody is no statement. A row that gives them no role as a parent or guardian today is one: then nobody decides.
  if (!people.every((person) => users.known.has(person)))
    return { guardians: [], absent: stated.holders, reasons: ['unknown-guardian'] }
  if (!people.every((person) => users.guardians.has(person))) return { ...NOBODY, reasons: ['unknown-guardian'] }
  const related = new Set([...pupil.agents, ...(users.namedBy.get(pupil.sourcedId) ?? [])])
  if (!people.every((person) => related.has(person)))
    return { ...NOBODY, reasons: [...reasons, 'authority-without-relation'] }
  const guardians = stated.holders.map((holder) => guardianOf(holder, roles, people.length - 1))
  return { guardians, absent: undefined, reasons }
}

function guardianOf({ sourcedId, authority }: Holder, roles: Roles, coHolderCount: number): Guardian {
  const relation = authority === 'institution' ? 'institution' : (roles.guardians.get(sourcedId) ?? 'guardian')
  return { sourcedId, authority, relation, coHolderCount }
}
