import { SERVICES, type Settings } from '../network/settings.ts'

/** A URL as a reader looks for its endpoint: `issuer/v1/schools`, with long random parts cut short. */
export function readableUrl({ ports }: Settings, url: string): string {
  const { host, port, pathname } = new URL(url)
  const known = [...SERVICES, 'trust-anchor-private' as const].find((name) => String(ports[name]) === port)
  return `${known ?? host}${pathname.replace(/[A-Za-z0-9_-]{20,}/g, (id) => `${id.slice(0, 6)}…`)}`
}
