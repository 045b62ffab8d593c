import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'

export type Launch = {
  /** Words to put before a PostgreSQL command. */
  readonly prefix: readonly string[]
  /** Words before the long-running server only: it dies with its parent where the kernel can promise that. */
  readonly serverPrefix: readonly string[]
  /** Makes a folder's owner the user that the server will be. */
  readonly adopt: (directory: string) => void
}

/**
 * How to start PostgreSQL, which refuses to be root. As root: a user namespace in which it sees the user nobody while
 * the files stay root's (so that folders of mode 700 on the way work); where namespaces are refused, the user nobody.
 */
export function planLaunch(): Launch {
  const dieWithParent = works('setpriv', '--pdeathsig', 'INT', 'true') ? ['setpriv', '--pdeathsig', 'INT'] : []
  if (process.getuid?.() !== 0) return { prefix: [], serverPrefix: dieWithParent, adopt: () => undefined }
  const namespace = ['unshare', '--user', '--map-user=65534']
  if (works(...namespace, 'true')) {
    return {
      prefix: namespace,
      serverPrefix: [...namespace, ...dieWithParent],
      adopt: (dir) => changeOwner(dir, 'root'),
    }
  }
  const nobody = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups']
  return { prefix: nobody, serverPrefix: [...nobody, ...dieWithParent], adopt: (dir) => changeOwner(dir, 'nobody') }
}

function works(...[command = '', ...words]: string[]): boolean {
  return spawnSync(command, words, { stdio: 'ignore' }).status === 0
}

function changeOwner(directory: string, owner: 'root' | 'nobody'): void {
  const ownedByRoot = statSync(directory).uid === 0
  if (ownedByRoot !== (owner === 'root')) spawnSync('chown', ['-R', owner, directory], { stdio: 'ignore' })
}
