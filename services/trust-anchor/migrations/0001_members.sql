-- Everything here is public, except the sealed keys: members are organisations, never persons.

-- One row: a MAC under the key outside the database. Another key file is noticed at the start and not at the first signature.
create table keyring_check (
  only_row boolean primary key default true check (only_row),
  mac bytea not null check (octet_length(mac) = 32)
);

-- One row: the anchor's federation key and its certificate authority, sealed together.
create table anchor_keys (
  only_row boolean primary key default true check (only_row),
  sealed bytea not null
);

create table member (
  entity_id text primary key check (length(entity_id) between 8 and 512),
  name text not null check (length(name) between 1 and 200),
  -- the federation keys that the member proved to hold when it was admitted
  jwks jsonb not null,
  entity_types jsonb not null,
  trust_marks jsonb not null,
  admitted_at timestamptz not null,
  -- kept for ever: who was a member, and until when
  expelled_at timestamptz check (expelled_at >= admitted_at)
);

create table certificate (
  entity_id text not null references member (entity_id),
  kid text not null check (length(kid) between 1 and 255),
  public_jwk jsonb not null,
  x5c jsonb not null,
  expires_at timestamptz not null,
  primary key (entity_id, kid)
);

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
