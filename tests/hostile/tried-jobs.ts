import pg from 'pg'
import type { ServiceName } from '../../scripts/network/settings.ts'
import type { Story } from '../../scripts/story/story.ts'
import { until } from '../../scripts/story/until.ts'

/**
 * What became of the jobs of a queue that carry this data: `completed`, or `retry` for one that failed and will be tried again. Waits
 * until there are so many and each was tried, so that nothing that was not sent is only not sent yet.
 */
export async function triedJobs(
  { databases }: Story,
  service: ServiceName,
  queue: string,
  { data, count }: { data: object; count: number },
): Promise<string[]> {
  const client = new pg.Client({ connectionString: databases.superuserUrls?.[service] ?? '' })
  await client.connect()
  let states: string[] = []
  const query = 'select state::text from jobs.job where name = $1 and data @> $2 order by created_on'
  const areTried = async () => {
    states = (await client.query<{ state: string }>(query, [queue, data])).rows.map(({ state }) => state)
    return states.length === count && states.every((state) => state !== 'created' && state !== 'active')
  }
  await until(`${count} jobs of ${queue} were tried`, areTried, 30).finally(() => client.end())
  return states
}
