import type { App } from './create-app.ts'

const STOP_WITHIN_MS = 10_000

export type RunningService = {
  /** Where it listens, on this machine. */
  readonly address: string
  /** Takes no new requests, finishes those in flight, then runs the stop list. May be called twice. */
  readonly stop: () => Promise<void>
}

/**
 * Listens, and with `signals` ends in order on SIGTERM and SIGINT: accepts nothing new, finishes what is in flight, runs
 * the stop list one after the other (jobs before the database), all within 10 s; then the process ends with code 0, or 1
 * when something did not end or failed.
 */
export async function startService(
  app: App,
  options: {
    readonly host: string
    readonly port: number
    readonly stop: readonly (() => Promise<void>)[]
    readonly signals: boolean
  },
): Promise<RunningService> {
  const address = await app.listen({ host: options.host, port: options.port })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopInOrder(app, options.stop)
    return stopping
  }
  if (options.signals)
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void exitAfter(app, stop))
  return { address, stop }
}

async function stopInOrder(app: App, steps: readonly (() => Promise<void>)[]): Promise<void> {
  await app.close()
  for (const step of steps) await step()
}

async function exitAfter(app: App, stop: () => Promise<void>): Promise<void> {
  const giveUp = setTimeout(() => process.exit(1), STOP_WITHIN_MS)
  try {
    await stop()
    clearTimeout(giveUp)
    process.exit(0)
  } catch (err) {
    app.log.error({ err }, 'stopping failed')
    process.exit(1)
  }
}
