import { readFileSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import type { Measured } from './measure.ts'

export type Row = {
  readonly name: string
  readonly ours: Measured
  readonly floor: Measured
}

const FILE = new URL('README.md', import.meta.url)
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Appends a dated table with the medians over all rounds to bench/README.md, and returns it. */
export function appendReport(rows: readonly Row[], size: { count: number; parallel: number }): string {
  const total = ({ service, database }: Measured) => service + database
  const lines = [...Map.groupBy(rows, ({ name }) => name)].map(([name, rounds]) => {
    const of = (pick: (row: Row) => number) => median(rounds.map(pick))
    const cells = [
      of(({ ours }) => ours.service).toFixed(0),
      of(({ ours }) => ours.database).toFixed(0),
      of(({ ours }) => ours.statements).toFixed(1),
      of(({ floor }) => total(floor)).toFixed(0),
      `${of(({ ours, floor }) => total(ours) / total(floor)).toFixed(2)}×`,
      of(({ ours }) => ours.p50).toFixed(1),
      of(({ ours }) => ours.p99).toFixed(1),
    ]
    return `| ${name} | ${cells.join(' | ')} |`
  })
  const table = [
    `### ${new Date().toISOString().slice(0, 10)}, node ${process.version}, ${machine()}`,
    '',
    `${size.count} operations a round, ${size.parallel} at once; medians over ${rows.length / lines.length} rounds.`,
    '',
    '| operation | service CPU µs | PostgreSQL CPU µs | statements | floor µs (both) | ratio | p50 ms | p99 ms |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n')
  writeFileSync(FILE, `${readFileSync(FILE, 'utf8').trimEnd()}\n\n${table}`)
  return table
}

function machine(): string {
  const [cpu] = cpus()
  return `${cpus().length} × ${cpu?.model.trim() ?? arch()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${platform()} ${release()}`
}
