import { type Statements, sql } from '@samen/pg-kit'

/** Keeps a certificate for the requests that name it by its mark. */
export const insertCertificate = (db: Statements, mark: Buffer, x5c: readonly string[]) =>
  db.run(
    sql`insert into request_certificate (mark, x5c) values (${mark}, ${x5c}::text[]) on conflict (mark) do nothing`,
  )

/** The `x5c` of a certificate that some process of this node had; undefined for an unknown mark. */
export const readCertificate = async (db: Statements, mark: Buffer) => {
  const row = await db.maybe<{ x5c: string[] }>(sql`select x5c from request_certificate where mark = ${mark}`)
  return row?.x5c
}
