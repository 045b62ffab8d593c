import { X509Certificate } from 'node:crypto'
import { issueLeafCertificate } from '@samen/certificates'
import { audit, DatabaseUnavailable, type Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import {
  dropOtherCertificates,
  fillCertificate,
  type ProtocolKey,
  readWanted,
  type WantedCertificate,
  wantCertificate,
  wantRenewals,
} from './certificate.sql.ts'

/**
 * A credential carries the certificate of the key that signed it and lives for up to thirteen months, so a certificate must outlive
 * everything that its key may still sign: it is replaced while it has thirteen months left.
 */
const CERTIFICATE_DAYS = 800
const REPLACED_BEFORE_END_MS = 400 * 86_400_000

/**
 * Intends a certificate for each key of a member that has none which lives long enough. Those of keys that the member no longer publishes
 * are dropped. Nothing is signed yet.
 */
export async function wantCertificates(
  deps: Pick<Deps, 'keys' | 'now'>,
  tx: Tx,
  entityId: string,
  keys: readonly ProtocolKey[],
): Promise<void> {
  const liveUntil = longEnough(deps)
  const kids = keys.map(({ kid }) => kid)
  await dropOtherCertificates(tx, entityId, kids)
  for (const key of keys) await wantCertificate(tx, entityId, key, deps.now(), liveUntil)
}

/**
 * Signs what was intended (HAIP#issuer-key-resolution). May run anywhere at any time: an intent is fulfilled once or not at all, and
 * the certificate that fulfils it is recorded. Of two processes that signed for one intent, the later one's certificate is given to
 * nobody and recorded nowhere. A key that cannot be certified is told to the operator and stays intended; the others get theirs.
 */
export async function issueWantedCertificates(deps: Deps): Promise<void> {
  const wanted = await readWanted(deps.db)
  for (const each of wanted) await issueOrSay(deps, each)
  if (wanted.length > 0) await deps.members.reload()
}

/** Intends and issues a new certificate for every key whose present one ends too soon; members fetch it by themselves. */
export async function renewCertificates(deps: Deps): Promise<void> {
  const now = deps.now()
  await deps.db.transaction((tx) => wantRenewals(tx, now, longEnough(deps)))
  await issueWantedCertificates(deps)
}

/**
 * Until when a certificate must live to be worth keeping. One that ends with the authority is kept in any case: nothing that the
 * authority still signs ends later.
 */
function longEnough({ keys, now }: Pick<Deps, 'keys' | 'now'>): Date {
  const { validToDate } = new X509Certificate(keys.authority.certificatePem)
  return new Date(Math.min(now().getTime() + REPLACED_BEFORE_END_MS, validToDate.getTime() - 1))
}

async function issueOrSay(deps: Deps, wanted: WantedCertificate): Promise<void> {
  try {
    await issueCertificate(deps, wanted)
  } catch (err) {
    // Without a database no other can be recorded either.
    if (err instanceof DatabaseUnavailable) throw err
    deps.log.error({ action: 'certificate.issued', outcome: 'failed', err }, 'a key was not certified')
  }
}

async function issueCertificate(deps: Deps, wanted: WantedCertificate): Promise<void> {
  const { entity_id: entityId, name: subjectName, public_jwk: publicJwk } = wanted
  const now = deps.now()
  const request = { subjectName, entityId, publicJwk, now, days: CERTIFICATE_DAYS }
  const leaf = await issueLeafCertificate(deps.keys.authority, request)
  const { validToDate } = new X509Certificate(Buffer.from(leaf, 'base64'))
  await deps.db.transaction(async (tx) => {
    if (!(await fillCertificate(tx, wanted, [leaf], validToDate))) return
    const what = { actor: 'authority', action: 'certificate.issued', object: `${entityId} ${wanted.kid}` }
    await audit(tx, { tenant: '-', at: now, ...what, outcome: 'ok' })
  })
}
