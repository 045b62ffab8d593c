import { type Statements, sql } from '@samen/pg-kit'

export const insertCertificate = (db: Statements, mark: Buffer, x5c: readonly string[]) =>
  db.run(
    sql`insert into request_certificate (mark, x5c) values (${mark}, ${x5c}::text[]) on conflict (mark) do nothing`,
  )

export const readCertificate = async (db: Statements, mark: Buffer) => {
  const row = await db.maybe<{ x5c: string[] }>(sql`select x5c from request_certificate where mark = ${mark}`)
  return row?.x5c
}
