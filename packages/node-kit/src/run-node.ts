import { type App, startService } from '@samen/http-kit'
import type { Node } from './open-node.ts'
import type { NodeConfig } from './read-node-config.ts'

/**
 * The life of one process: configuration → dependencies → jobs → listening → signals. What is wrong at the start is one sentence on
 * standard error and exit code 1. `inside` is an app for the operator only, on a port of its own.
 */
export async function runNode<Config extends NodeConfig, Deps extends Node>(service: {
  readonly name: string
  readonly readConfig: (environment: Readonly<Record<string, string | undefined>>) => Config
  readonly openDeps: (config: Config) => Promise<Deps>
  readonly startJobs: (deps: Deps) => Promise<void> | void
  readonly createApp: (deps: Deps) => App
  readonly inside?: { readonly createApp: (deps: Deps) => App; readonly address: (config: Config) => Address }
}): Promise<void> {
  const { name, inside } = service
  try {
    // biome-ignore lint/style/noProcessEnv: handed to the one reader of each service
    const config = service.readConfig(process.env)
    const deps = await service.openDeps(config)
    await service.startJobs(deps)
    const stop = [deps.close]
    if (inside !== undefined) {
      const app = inside.createApp(deps)
      await app.listen(inside.address(config))
      stop.unshift(() => app.close().then(() => undefined))
    }
    const { host, port } = config
    const { address } = await startService(service.createApp(deps), { host, port, stop, signals: true })
    deps.log.info({ action: 'started', port: Number(new URL(address).port) }, `the ${name} listens`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : `the ${name} cannot start`}\n`)
    process.exit(1)
  }
}

type Address = { readonly host: string; readonly port: number }
