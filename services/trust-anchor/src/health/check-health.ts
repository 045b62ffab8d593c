import type { Deps } from '../deps.ts'
import { readOne } from './health.sql.ts'

/** Resolves when this process can serve: its database answers. Throws DatabaseUnavailable, which becomes 503. */
export const checkHealth = (deps: Deps): Promise<void> => readOne(deps.db)
