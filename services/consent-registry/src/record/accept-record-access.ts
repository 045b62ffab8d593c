import type { PresentedCredential } from '@samen/openid4vp'
import type { Deps } from '../deps.ts'
import { type AnsweredPresentation, prepareAnswer } from '../presentation/answer.ts'
import { readWard } from '../presentation/guardianship-query.ts'
import { answerPresentation } from '../presentation/presentation.sql.ts'
import { unknownPresentation } from '../presentation/serve-request.ts'

/**
 * Opens the record of one child for the browser that began: the child is sealed in the session, the response code travels with
 * the wallet's redirect. Throws ProtocolError 404 when the presentation was answered meanwhile.
 */
export async function acceptRecordAccess(
  deps: Deps,
  idHash: Buffer,
  presented: Record<string, PresentedCredential>,
): Promise<AnsweredPresentation['reply']> {
  const { school, ward } = readWard(presented, deps.publicUrl)
  const { row, reply } = prepareAnswer(deps, idHash, null, { result: 'record', school, ward })
  if (!(await answerPresentation(deps.db, row))) throw unknownPresentation()
  return reply
}
