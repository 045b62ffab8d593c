import { fastifyCookie } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

export type SessionCookie = {
  readonly mode: 'development' | 'production'
  readonly name: string
}

/**
 * Gives the browser a session: unreadable for scripts, not sent from other sites' forms, and in production bound to this
 * very host and to TLS (`__Host-`), which a plain loopback address in development cannot be.
 */
export function setSessionCookie(
  reply: FastifyReply,
  cookie: SessionCookie,
  { value, maxAgeSeconds }: { value: string; maxAgeSeconds: number },
): void {
  const secure = cookie.mode === 'production'
  const attributes = { httpOnly: true, sameSite: 'lax', path: '/', secure, maxAge: maxAgeSeconds } as const
  reply.header('set-cookie', fastifyCookie.serialize(fullName(cookie), value, attributes))
}

/** The session's value, or undefined. */
export function readSessionCookie(request: FastifyRequest, cookie: SessionCookie): string | undefined {
  const header = request.headers.cookie
  if (header === undefined) return undefined
  const value = fastifyCookie.parse(header)[fullName(cookie)]
  return value === '' ? undefined : value
}

function fullName({ mode, name }: SessionCookie): string {
  return mode === 'production' ? `__Host-${name}` : name
}
