-- How often each process has looked at this database and found it in order. The process keeps its own number outside: a
-- database whose number is behind that one was set back. `process` is random and names a data directory.
create table database_mark (
  process text primary key check (process ~ '^[A-Za-z0-9_-]{22}$'),
  noted bigint not null check (noted > 0)
);

-- A fenced list was open when the database was found to have been set back: places that belong to nobody here may belong to
-- copies that the database has forgotten, so they are published as revoked.
alter table status_list add column is_fenced boolean not null default false check (not (is_fenced and is_open));
-- The `iat` of the version that was signed last, in whole seconds, by whichever process: no two versions share one.
alter table status_list add column signed_at timestamptz not null default '-infinity';

-- Another value after every change, in whichever history of the database: a count would say the same in two of them.
alter table status_list drop column version;
alter table status_list add column version uuid not null default gen_random_uuid();
