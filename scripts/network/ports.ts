import { createServer } from 'node:net'

/** The services of a killed network need a moment to leave their ports. */
const PATIENCE_MS = 2_000

/** Looks at the port of each name. Throws Error with one sentence when somebody else listens where a service has to. */
export async function assertPortsFree(ports: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const deadline = performance.now() + PATIENCE_MS
    while (!(await isFree(port))) {
      if (performance.now() > deadline) {
        throw new Error(
          `Port ${port}, which is part of the address of ${name}, is taken by another program: stop that one, or take new addresses with \`npm run reset\`.`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** Whether nobody listens on a port of loopback. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/** A port of loopback that was free a moment ago. */
export function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
