import { json, sql, type Tx } from '@samen/pg-kit'

/** Replaces what the anchor granted. `x5c` is the chain of the credential key, or null when it has none yet. */
export const writeMembership = (
  tx: Tx,
  granted: { tenant: string; trustMarks: readonly string[]; x5c: readonly string[] | null; now: Date },
): Promise<number> =>
  tx.run(sql`
    insert into school_membership (tenant, trust_marks, x5c, loaded_at)
    values (${granted.tenant}, ${json(granted.trustMarks)}, ${granted.x5c && json(granted.x5c)}, ${granted.now})
    on conflict (tenant) do update
      set trust_marks = excluded.trust_marks, x5c = excluded.x5c, loaded_at = excluded.loaded_at`)
