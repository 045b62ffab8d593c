-- A school is a tenant. Every table about a tenant has it first in its key and is closed to all others by row-level security,
-- so that a statement without a tenant, or with the wrong one, finds nothing.

-- The schools of this node by name only; timers read it to visit each of them as that tenant.
create table node_school (
  slug text primary key check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')
);

-- One row: a MAC under the key outside the database. Another key file is noticed at the start and not at the first pupil.
create table keyring_check (
  only_row boolean primary key default true check (only_row),
  mac bytea not null check (octet_length(mac) = 32)
);

create table school (
  tenant text primary key references node_school (slug),
  name text not null check (length(name) between 1 and 200),
  brin text not null unique check (brin ~ '^[0-9]{2}[A-Z]{2}[0-9]{2}$'),
  sector text not null check (sector in ('po', 'vo', 'so', 'vso')),
  created_at timestamptz not null
);
alter table school enable row level security;
alter table school force row level security;
create policy school_tenant on school
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- Private keys, each sealed for this tenant and this purpose.
create table school_key (
  tenant text not null references school (tenant),
  purpose text not null check (purpose in ('federation', 'credential', 'pseudonym', 'roster')),
  sealed bytea not null,
  created_at timestamptz not null,
  primary key (tenant, purpose)
);
alter table school_key enable row level security;
alter table school_key force row level security;
create policy school_key_tenant on school_key
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- What the trust anchor granted: public documents, kept so that a restart needs no anchor.
create table school_membership (
  tenant text primary key references school (tenant),
  trust_marks jsonb not null,
  x5c jsonb,
  loaded_at timestamptz not null
);
alter table school_membership enable row level security;
alter table school_membership force row level security;
create policy school_membership_tenant on school_membership
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- The school approves one version of a purpose. Public; `jti` stays the same when the message is sent again.
create table agreement (
  tenant text not null references school (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  registry text not null,
  purpose_id text not null,
  purpose_version integer not null check (purpose_version > 0),
  purpose_hash text not null,
  app text not null,
  guardians text not null check (guardians in ('every', 'one')),
  processor_agreement jsonb not null,
  valid_until date not null,
  jti text not null check (jti ~ '^[A-Za-z0-9_-]{22}$'),
  state text not null check (state in ('signed', 'delivered', 'rejected')),
  created_at timestamptz not null,
  primary key (tenant, id),
  unique (tenant, registry, purpose_id, purpose_version)
);
alter table agreement enable row level security;
alter table agreement force row level security;
create policy agreement_tenant on agreement
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- One pupil: a keyed tag of the administration's id, and a record sealed under a data key of its own. Deleting the row
-- deletes the only copy of that key.
create table pupil (
  tenant text not null references school (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  source_tag bytea not null check (octet_length(source_tag) = 32),
  -- keyed hash of the open record: tells an import what has changed without opening it
  record_mac bytea not null check (octet_length(record_mac) = 32),
  wrapped_key bytea not null,
  sealed bytea not null,
  primary key (tenant, id),
  unique (tenant, source_tag)
);
alter table pupil enable row level security;
alter table pupil force row level security;
create policy pupil_tenant on pupil
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- What became of a delivery: numbers, file names, row numbers and codes; nothing out of a row.
create table roster_import (
  tenant text not null references school (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  state text not null check (state in ('applied', 'held', 'refused')),
  report jsonb not null,
  received_at timestamptz not null,
  primary key (tenant, id)
);
alter table roster_import enable row level security;
alter table roster_import force row level security;
create policy roster_import_tenant on roster_import
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- Looked up by hash before the tenant is known, so reading is open; writing is for the tenant itself.
create table api_key (
  tenant text not null check (tenant <> ''),
  id uuid not null,
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  scopes jsonb not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (tenant, id)
);
alter table api_key enable row level security;
alter table api_key force row level security;
create policy api_key_read on api_key for select using (true);
create policy api_key_add on api_key for insert with check (tenant = current_setting('samen.tenant', true));
create policy api_key_end on api_key for update using (tenant = current_setting('samen.tenant', true));

create table idempotency (
  tenant text not null check (tenant <> ''),
  key_hash bytea not null check (octet_length(key_hash) = 32),
  request_hash bytea not null check (octet_length(request_hash) = 32),
  sealed_reply bytea,
  created_at timestamptz not null,
  primary key (tenant, key_hash)
);
create index idempotency_age on idempotency (tenant, created_at);
alter table idempotency enable row level security;
alter table idempotency force row level security;
create policy idempotency_tenant on idempotency
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

create table audit_event (
  tenant text not null check (tenant <> ''),
  id uuid not null,
  at timestamptz not null,
  actor text not null,
  action text not null check (action ~ '^[a-z0-9_.-]{1,64}$'),
  object text not null,
  outcome text not null check (outcome ~ '^[a-z0-9_.-]{1,64}$'),
  primary key (tenant, id)
);
alter table audit_event enable row level security;
alter table audit_event force row level security;
-- No policy for update and delete: what was written stays.
create policy audit_event_read on audit_event for select using (tenant = current_setting('samen.tenant', true));
create policy audit_event_add on audit_event for insert with check (tenant = current_setting('samen.tenant', true));

-- Counters that may be forgotten in a crash: cheap to write, never in the write-ahead log.
create unlogged table quota (
  key_hash bytea primary key check (octet_length(key_hash) = 32),
  window_start bigint not null,
  used integer not null
);
create index quota_age on quota (window_start);
