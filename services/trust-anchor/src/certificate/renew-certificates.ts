import type { Deps } from '../deps.ts'
import { readEndingCertificates, saveCertificate } from './certificate.sql.ts'
import { certifyKey } from './certify-keys.ts'

const RENEWED_BEFORE_MS = 30 * 86_400_000

/** Gives members a new certificate for the same key a month before the old one ends; they fetch it by themselves. */
export async function renewCertificates(deps: Deps): Promise<void> {
  const before = new Date(deps.now().getTime() + RENEWED_BEFORE_MS)
  const ending = await readEndingCertificates(deps.db, before)
  for (const { entity_id: entityId, name, public_jwk: publicJwk } of ending) {
    await saveCertificate(deps.db, await certifyKey(deps, { entityId, name, publicJwk }))
  }
  if (ending.length > 0) await deps.members.reload()
}
