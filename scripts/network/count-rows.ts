import pg from 'pg'
import type { DatabaseUrls } from './databases.ts'
import { SERVICES, type ServiceName } from './settings.ts'

/** How many rows each table of each service has; jobs, which come and go, are left out. */
export type RowCounts = Readonly<Record<ServiceName, ReadonlyMap<string, number>>>

/** Counts all rows. @param urls addresses with a role that row-level security does not hold back */
export async function countRows(urls: DatabaseUrls): Promise<RowCounts> {
  const counted = await Promise.all(SERVICES.map(async (service) => [service, await countIn(urls[service])] as const))
  return Object.fromEntries(counted) as RowCounts
}

async function countIn(url: string): Promise<ReadonlyMap<string, number>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; rows: number }>(
      `select tablename as name, (xpath('/row/count/text()',
         query_to_xml(format('select count(*) from %I.%I', schemaname, tablename), false, true, '')))[1]::text::int as rows
       from pg_tables where schemaname = 'public' and tablename <> 'schema_migration' order by 1`,
    )
    return new Map(rows.map(({ name, rows }) => [name, rows]))
  } finally {
    await client.end()
  }
}

/** `table +3` for each table of a service that has more rows, or fewer, than before. */
export function describeGrowth(before: RowCounts, after: RowCounts, service: ServiceName): string[] {
  return [...after[service]].flatMap(([table, rows]) => {
    const more = rows - (before[service].get(table) ?? 0)
    return more === 0 ? [] : [`${table} ${more > 0 ? `+${more}` : `−${-more}`}`]
  })
}
