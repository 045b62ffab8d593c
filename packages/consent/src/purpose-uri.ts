import { malformed } from './wire-text.ts'

/** The address of one version of a purpose at its registry. */
export function purposeUri(registry: string, id: string, version: number): string {
  return `${registry}/purposes/${id}/${version}`
}

/** Takes a purpose's address apart. Throws ProtocolError 400 `invalid_request` when it is not one. */
export function splitPurposeUri(uri: string): { registry: string; id: string; version: number } {
  const found = /^(https?:\/\/[^\s?#]{1,400})\/purposes\/([A-Za-z0-9_-]{22})\/([1-9][0-9]{0,6})$/.exec(uri)
  if (!found) throw malformed('purpose_uri')
  const [, registry = '', id = '', version = ''] = found
  return { registry, id, version: Number(version) }
}
