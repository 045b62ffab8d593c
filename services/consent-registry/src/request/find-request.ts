import type { Deps } from '../deps.ts'
import { type RequestRow, readRequest } from './request.sql.ts'

/** A request with the texts that a guardian reads, whatever its state; undefined for an unknown handle. */
export function findRequest({ db }: Pick<Deps, 'db'>, handle: string): Promise<RequestRow | undefined> {
  return readRequest(db, handle)
}
