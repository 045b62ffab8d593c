import { type Db, sql } from '@samen/pg-kit'

/** The MAC of the keyring that this database knows, or undefined before the first start. */
export const readKeyringMac = async (db: Db): Promise<Buffer | undefined> =>
  (await db.maybe<{ mac: Buffer }>(sql`select mac from keyring_check`))?.mac

/** Remembers the MAC of the first keyring; returns the one that is remembered, which is another's when two started at once. */
export const rememberKeyringMac = async (db: Db, mac: Buffer): Promise<Buffer> =>
  (
    await db.one<{ mac: Buffer }>(
      sql`insert into keyring_check (mac) values (${mac}) on conflict (only_row) do update set mac = keyring_check.mac returning mac`,
    )
  ).mac
