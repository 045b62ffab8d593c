import { TrustError } from './trust-error.ts'

/** The text at an address. Rejects with TrustError `unreachable`, whatever went wrong on the way. */
export async function fetchDocument(
  { fetchText }: { readonly fetchText: (url: string) => Promise<string> },
  url: string,
): Promise<string> {
  try {
    return await fetchText(url)
  } catch (cause) {
    throw new TrustError('unreachable', 'a document of the federation could not be fetched', { cause })
  }
}
