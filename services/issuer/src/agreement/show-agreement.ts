import { notFound } from '@samen/errors'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { readAgreementRow } from './agreement.sql.ts'
import { type AgreementView, view } from './approve-purpose.ts'

/** One agreement of this school. Throws Problem 404 `not-found`, alike for a stranger's and for none. */
export async function showAgreement(deps: Deps, school: School, id: string): Promise<AgreementView> {
  const row = await readAgreementRow(deps.db.forTenant(school.slug), school.slug, id)
  if (row === undefined) throw notFound()
  return view(row)
}
