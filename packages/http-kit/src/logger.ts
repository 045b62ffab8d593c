import { type DestinationStream, type LoggerOptions, pino } from 'pino'

/** The only members a log line can have, besides time, level, service name and a constant message. */
export const LOG_FIELDS = [
  'action',
  'attempt',
  'code',
  'count',
  'err',
  'host',
  'method',
  'ms',
  'outcome',
  'port',
  'queue',
  'requestId',
  'route',
  'status',
  'task',
] as const

export type LogFields = Partial<Record<(typeof LOG_FIELDS)[number], unknown>>
type LogMethod = (fields: LogFields, message: string) => void

/** A log that can carry codes, counts and the names of errors, and no text that came from outside. */
export type Logger = Readonly<Record<'debug' | 'info' | 'warn' | 'error', LogMethod>>

export type LoggerSettings = {
  readonly name: string
  /** `debug`, `info`, `warn`, `error` or `silent`. */
  readonly level: string
  /** Where lines go; standard output when absent. */
  readonly stream?: DestinationStream
}

/** A logger for a service; see `Logger` for what it lets through. */
export function createLogger(settings: LoggerSettings): Logger {
  return createPino(settings)
}

/** The same as pino itself, for fastify. */
export function createPino({ name, level, stream }: LoggerSettings) {
  const options: LoggerOptions = {
    name,
    level,
    base: { name },
    formatters: { log: keepAllowed, bindings: keepAllowed },
    serializers: { err: describeError },
    hooks: {
      logMethod(args, method) {
        const [fields, message] = withConstantMessage(args)
        method.call(this, fields, message)
      },
    },
  }
  return stream ? pino(options, stream) : pino(options)
}

// pino takes the message from the error, or puts values into it: neither may happen, since both may come from outside.
function withConstantMessage([first, second]: unknown[]): [object, string] {
  if (typeof first === 'string') return [{}, first]
  const fields = first instanceof Error ? { err: first } : ((first ?? {}) as { err?: unknown })
  const said = fields.err instanceof Error ? fields.err.message : ''
  const echoes = said !== '' && typeof second === 'string' && second.includes(said)
  return [fields, typeof second === 'string' && !echoes ? second : 'an error']
}

const ALLOWED = new Set<string>([...LOG_FIELDS, 'name'])

function keepAllowed(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => ALLOWED.has(name) && isPlain(name, value)))
}

function isPlain(name: string, value: unknown): boolean {
  return name === 'err' || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

type ErrorDescription = { type: string; code?: string; at?: string[]; cause?: ErrorDescription }

/** An error without its message, which may quote what came from outside: its class, its code, where, and because of what. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error ? asCode(error.code) : undefined
  const at = placesIn(error)
  return {
    type: asCode(error.name) ?? 'Error',
    ...(code && { code }),
    ...(at.length > 0 && { at }),
    ...(error.cause !== undefined && depth < 4 && { cause: describeError(error.cause, depth + 1) }),
  }
}

function asCode(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : undefined
}

const PLACE = /^ {4}at (?:async )?(?:[\w.<>#$ [\]]+ \()?(?:file|node):[\w@./+-]+:\d+:\d+\)?$/

function placesIn({ stack, message }: Error): string[] {
  const frames = (stack ?? '').split(message).at(-1) ?? ''
  return frames
    .split('\n')
    .filter((line) => PLACE.test(line))
    .slice(0, 8)
    .map((line) => line.trim())
}
