import { readFileSync, statSync } from 'node:fs'
import { until } from '../story/until.ts'
import type { RunningServices } from './services.ts'
import { publicUrl, type ServiceName, type Settings } from './settings.ts'

/** How a service logs what it has no route for. */
const UNKNOWN = 'unknown'

/** What a service wrote down about one request: method and route pattern, never an id. */
export interface LoggedRequest {
  readonly service: ServiceName
  readonly method: string
  readonly route: string
}

/**
 * Lets something happen and gives back, with it, the requests that some services answered since it began. `stopped`: their processes are
 * held (SIGSTOP) while it happens, so whatever asks them something gets no answer until it is over.
 */
export async function watchRequests<T>(
  { settings, services }: { readonly settings: Settings; readonly services: RunningServices },
  names: readonly ServiceName[],
  how: 'stopped' | 'awake',
  happen: () => Promise<T>,
): Promise<{ result: T; requests: readonly LoggedRequest[] }> {
  for (const name of names) await untilLogged(settings, services, name)
  const from = names.map((name) => statSync(services.logs[name]).size)
  const signalAll = (signal: NodeJS.Signals) => names.map((name) => services.processes[name].kill(signal))
  let result: T
  if (how === 'stopped') signalAll('SIGSTOP')
  try {
    result = await happen()
  } finally {
    if (how === 'stopped') signalAll('SIGCONT')
  }
  for (const name of names) await untilLogged(settings, services, name)
  const requests = names.flatMap((name, at) => requestsSince(services.logs[name], from[at] ?? 0, name))
  return { result, requests: requests.filter(({ route }) => route !== UNKNOWN) }
}

/** Asks for what is nowhere, and waits until that is in the log: what was asked before it is there then, too. */
async function untilLogged(settings: Settings, { logs }: RunningServices, name: ServiceName): Promise<void> {
  const count = () => requestsSince(logs[name], 0, name).filter(({ route }) => route === UNKNOWN).length
  const before = count()
  await fetch(`${publicUrl(settings, name)}/nowhere`)
  await until(`the log of ${name} is written`, async () => count() > before)
}

function requestsSince(log: string, from: number, service: ServiceName): LoggedRequest[] {
  const lines = readFileSync(log).subarray(from).toString('utf8').split('\n')
  return lines
    .filter((line) => line.includes('"msg":"answered"'))
    .map((line) => JSON.parse(line) as { method: string; route: string })
    .map(({ method, route }) => ({ service, method, route }))
}
