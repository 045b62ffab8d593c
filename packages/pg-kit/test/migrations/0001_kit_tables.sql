-- Tables of @samen/pg-kit. Each service copies the ones it uses into its own first migration.

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
