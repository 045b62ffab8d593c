-- An app is a tenant. Every table about a tenant has it first in its key and is closed to all others by row-level security,
-- so that a statement without a tenant, or with the wrong one, finds nothing.

-- The apps of this node by name only; timers read it to visit each of them as that tenant.
create table node_app (
  slug text primary key check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')
);

-- One row: a MAC under the key outside the database. Another key file is noticed at the start and not at the first app.
create table keyring_check (
  only_row boolean primary key default true check (only_row),
  mac bytea not null check (octet_length(mac) = 32)
);

create table app (
  tenant text primary key references node_app (slug),
  name text not null check (length(name) between 1 and 200),
  -- the entity id of the consent registry that this app works with
  registry text not null check (length(registry) between 8 and 512),
  -- where a browser may be sent after a presentation on the same device
  return_urls jsonb not null,
  -- the private keys of the app, sealed for it: federation, request signing, receipts, index of pseudonyms
  sealed_keys bytea not null,
  created_at timestamptz not null
);
alter table app enable row level security;
alter table app force row level security;
create policy app_tenant on app
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- What the trust anchor granted: public documents, kept so that a restart needs no anchor.
create table app_membership (
  tenant text primary key references app (tenant),
  trust_marks jsonb not null,
  loaded_at timestamptz not null
);
alter table app_membership enable row level security;
alter table app_membership force row level security;
create policy app_membership_tenant on app_membership
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- The certificates of the key that signs requests, by the client id that follows from each. A request that was made under one
-- is served and answered under it, also when the anchor has issued the next one in the meantime.
create table app_certificate (
  tenant text not null references app (tenant),
  client_id text not null,
  x5c jsonb not null,
  expires_at timestamptz not null,
  primary key (tenant, client_id)
);
alter table app_certificate enable row level security;
alter table app_certificate force row level security;
create policy app_certificate_tenant on app_certificate
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- What an app asks for and why. A version never changes, the row only learns whether the registry has it.
create table purpose (
  tenant text not null references app (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  version integer not null check (version > 0),
  document jsonb not null,
  state text not null check (state in ('pending', 'registered', 'rejected')),
  created_at timestamptz not null,
  primary key (tenant, id, version)
);
alter table purpose enable row level security;
alter table purpose force row level security;
create policy purpose_tenant on purpose
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

create function refuse_purpose_change() returns trigger language plpgsql as $$
begin
  raise exception 'a version of a purpose never changes';
end $$;
create trigger purpose_is_immutable before update of tenant, id, version, document, created_at on purpose
  for each row execute function refuse_purpose_change();

-- The outbox: written with the state it tells of, sent later. The id is the message's own, so that a repetition is recognised.
create table outgoing_message (
  tenant text not null references app (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  kind text not null check (kind in ('purpose', 'deletion')),
  body jsonb not null,
  state text not null check (state in ('waiting', 'delivered', 'rejected')),
  created_at timestamptz not null,
  primary key (tenant, id)
);
alter table outgoing_message enable row level security;
alter table outgoing_message force row level security;
create policy outgoing_message_tenant on outgoing_message
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- Ids of messages from other nodes, kept as long as one could be believed again.
create table received_message (
  tenant text not null references app (tenant),
  jti text not null check (length(jti) between 22 and 64),
  received_at timestamptz not null,
  primary key (tenant, jti)
);
create index received_message_age on received_message (tenant, received_at);
alter table received_message enable row level security;
alter table received_message force row level security;
create policy received_message_tenant on received_message
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
