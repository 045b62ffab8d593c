import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/** A place inside a network that nobody should ever connect to. */
export interface Trap {
  readonly port: number
  /** A loopback address, which a network in development may ask: only who is not to be believed keeps a node from it. */
  readonly url: string
  /** How many came since it was last looked into, whatever they said. */
  caught(): number
  /** Comes by itself and is not counted; waits for ever where `host` does not lead here. */
  reach(host: string): Promise<void>
}

/** Opens a trap. That it catches who comes is tried first: one that never closes would prove nothing. */
export async function startTrap(t: { teardown(work: () => void): unknown }): Promise<Trap> {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    if (connections > 0) throw new Error('somebody came into the trap after it was last looked into')
  })
  const { port } = server.address() as AddressInfo
  const caught = () => {
    const since = connections
    connections = 0
    return since
  }
  const reach = async (host: string) => {
    const came = once(server, 'connection')
    connect({ host, port }).on('error', () => {})
    await came
    if (caught() !== 1) throw new Error('the trap does not count who comes')
  }
  await reach('127.0.0.1')
  return { port, url: `http://127.0.0.1:${port}`, caught, reach }
}
