import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

export type Totals = { readonly pass: number; readonly fail: number; readonly skip: number }

/**
 * Copies TAP to `output` as progress for a log: one line for a file that passed, all that was said about one that failed.
 * Gives the totals back.
 */
export async function shortenTap(input: Readable, output: Writable): Promise<Totals> {
  const block: string[] = []
  for await (const line of createInterface({ input })) {
    block.push(line)
    const verdict = /^(not )?ok \d+ - /.exec(line)
    if (!verdict) continue
    output.write(`${verdict[1] ? block.join('\n') : line}\n`)
    block.length = 0
  }
  return readTotals(block.join('\n'))
}

/** The totals that tap writes at the end; without them, all zero. */
export function readTotals(tap: string): Totals {
  const last = tap.match(/^# \{ total: .*\}$/gm)?.at(-1) ?? ''
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(last)?.[1] ?? 0)
  return { pass: count('pass'), fail: count('fail'), skip: count('skip') + count('todo') }
}
