import { type KeyObject, X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'

/** Finds whose key signed a token that carries its certificate, as anybody can who trusts the authority of the federation. */
export function certifiedKeys(
  caPem: string,
  now: () => Date,
): (header: Readonly<Record<string, unknown>>) => { key: KeyObject; owner: string } {
  const anchors = [new X509Certificate(caPem)]
  return (header) => {
    const { leafKey: key, entityId: owner } = verifyX5c(header['x5c'] as string[], { anchors, now: now() })
    return { key, owner }
  }
}
