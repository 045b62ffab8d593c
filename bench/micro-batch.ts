import type pg from 'pg'

export type FloorRow = { readonly id: string; readonly state: string; readonly body: Buffer }

/** Inserts rows; those that wait while a statement is in flight go into one statement together, answered after it has committed. */
export function insertRows(pool: pg.Pool): (row: FloorRow) => Promise<void> {
  return grouped(async (rows: readonly FloorRow[]) => {
    const text =
      'insert into floor (id, state, body) select * from unnest($1::text[], $2::text[], $3::bytea[]) on conflict do nothing'
    const values = [rows.map(({ id }) => id), rows.map(({ state }) => state), rows.map(({ body }) => body)]
    await pool.query({ name: 'insert', text, values })
    return rows.map(() => undefined)
  })
}

/** The same for a change of state. */
export function updateRows(pool: pg.Pool): (row: Omit<FloorRow, 'body'>) => Promise<void> {
  return grouped(async (rows: readonly Omit<FloorRow, 'body'>[]) => {
    const text =
      'update floor set state = n.state from unnest($1::text[], $2::text[]) as n (id, state) where floor.id = n.id'
    await pool.query({ name: 'update', text, values: [rows.map(({ id }) => id), rows.map(({ state }) => state)] })
    return rows.map(() => undefined)
  })
}

/** The same for what is read once: true for who got it. */
export function deleteRows(pool: pg.Pool): (id: string) => Promise<boolean> {
  return grouped(async (ids: readonly string[]) => {
    const text = 'delete from floor where id = any($1::text[]) returning id'
    const { rows } = await pool.query<{ id: string }>({ name: 'delete', text, values: [ids] })
    const taken = new Set(rows.map(({ id }) => id))
    return ids.map((id) => taken.has(id))
  })
}

function grouped<In, Out>(flush: (items: readonly In[]) => Promise<readonly Out[]>): (item: In) => Promise<Out> {
  let waiting: { item: In; done: (out: Out) => void; failed: (cause: unknown) => void }[] = []
  let isRunning = false
  const run = async () => {
    isRunning = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        const outs = await flush(batch.map(({ item }) => item))
        batch.forEach(({ done }, index) => void done(outs[index] as Out))
      } catch (cause) {
        for (const { failed } of batch) failed(cause)
      }
    }
    isRunning = false
  }
  return (item) =>
    new Promise<Out>((done, failed) => {
      waiting.push({ item, done, failed })
      if (!isRunning) void run()
    })
}
