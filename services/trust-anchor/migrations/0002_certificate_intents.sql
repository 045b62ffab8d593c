-- A certificate is intended (wanted_at) in the transaction that admits its key, and filled in after the CA's key was used.
alter table certificate alter column x5c drop not null;
alter table certificate alter column expires_at drop not null;
alter table certificate add column wanted_at timestamptz;
alter table certificate add check ((x5c is null) = (expires_at is null));
alter table certificate add check (x5c is not null or wanted_at is not null);

-- One row: counts changes of what is published, so that every process notices those of the others without reading everything.
create table directory (
  only_row boolean primary key default true check (only_row),
  version bigint not null default 0
);
insert into directory default values;

-- What was written to the audit stays: no policy for update and delete.
alter table audit_event enable row level security;
alter table audit_event force row level security;
create policy audit_event_read on audit_event for select using (true);
create policy audit_event_add on audit_event for insert with check (true);
