-- From offer to revoked copy. Codes, references, tokens, nonces and notification ids are kept as SHA-256 and short codes as
-- keyed hashes: nothing in these tables opens anything. Ids are random, 22 characters of base64url.

-- What a school hands out. `sealed` is what will be issued, fixed when it was offered; it goes when the offer is over.
create table offer (
  tenant text not null references school (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  reference_hash bytea not null check (octet_length(reference_hash) = 32),
  code_hash bytea not null check (octet_length(code_hash) = 32),
  -- null: no transaction code is expected
  tx_code_mac bytea check (octet_length(tx_code_mac) = 32),
  tries_left smallint not null check (tries_left between 0 and 5),
  state text not null check (state in ('open', 'redeemed', 'cancelled', 'dead', 'expired')),
  configurations text[] not null check (cardinality(configurations) > 0),
  -- copies that may still be signed
  copies_left integer not null check (copies_left >= 0),
  -- null once the pupil is gone: then nothing more is issued
  pupil text,
  subject_tag bytea not null check (octet_length(subject_tag) = 32),
  sealed bytea,
  -- who checked which document before guardianship was offered, sealed; stays as evidence
  verification bytea,
  credentials_expire_at timestamptz not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  redeemed_at timestamptz check ((redeemed_at is null) or state in ('redeemed', 'expired', 'cancelled')),
  primary key (tenant, id),
  unique (tenant, reference_hash),
  unique (tenant, code_hash),
  foreign key (tenant, pupil) references pupil (tenant, id) on delete set null (pupil),
  -- a guess that was the last one leaves a dead offer, never an open one without tries
  check (state <> 'open' or tries_left > 0),
  check (state in ('open', 'redeemed') or sealed is null)
);
create index offer_pupil on offer (tenant, pupil);
create index offer_expiry on offer (tenant, expires_at) where sealed is not null;
alter table offer enable row level security;
alter table offer force row level security;
create policy offer_tenant on offer
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- One token for one code, usable only with the key that redeemed the code.
create table access_token (
  tenant text not null,
  token_hash bytea not null check (octet_length(token_hash) = 32),
  offer text not null,
  -- thumbprint of the wallet's DPoP key
  jkt text not null check (length(jkt) = 43),
  configurations text[] not null check (cardinality(configurations) > 0),
  -- whether the token response named credential identifiers, which must then be used
  uses_identifiers boolean not null,
  expires_at timestamptz not null,
  primary key (tenant, token_hash),
  unique (tenant, offer),
  foreign key (tenant, offer) references offer (tenant, id) on delete cascade
);
create index access_token_expiry on access_token (tenant, expires_at);
alter table access_token enable row level security;
alter table access_token force row level security;
create policy access_token_tenant on access_token
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- What was used and must not be used again, until it would be refused for its age anyway.
create table dpop_proof (
  tenant text not null,
  jti_hash bytea not null check (octet_length(jti_hash) = 32),
  expires_at timestamptz not null,
  primary key (tenant, jti_hash)
);
create index dpop_proof_expiry on dpop_proof (tenant, expires_at);
alter table dpop_proof enable row level security;
alter table dpop_proof force row level security;
create policy dpop_proof_tenant on dpop_proof
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

create table spent_nonce (
  tenant text not null,
  nonce_hash bytea not null check (octet_length(nonce_hash) = 32),
  expires_at timestamptz not null,
  primary key (tenant, nonce_hash)
);
create index spent_nonce_expiry on spent_nonce (tenant, expires_at);
alter table spent_nonce enable row level security;
alter table spent_nonce force row level security;
create policy spent_nonce_tenant on spent_nonce
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- A list of bits that verifiers fetch whole. `version` counts changes, so that every process notices them.
create table status_list (
  tenant text not null references school (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  size integer not null check (size > 0),
  -- whether new copies are put here
  is_open boolean not null,
  version integer not null default 0,
  created_at timestamptz not null,
  primary key (tenant, id)
);
-- At most one list of a school takes new copies, whatever processes do at the same time.
create unique index status_list_open on status_list (tenant) where is_open;
alter table status_list enable row level security;
alter table status_list force row level security;
create policy status_list_tenant on status_list
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- One answer to one credential request: written before anything is signed, marked when it is handed over.
create table issuance (
  tenant text not null,
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  offer text not null,
  configuration text not null,
  copies smallint not null check (copies > 0),
  state text not null check (state in ('intended', 'delivered', 'revoked')),
  subject_tag bytea not null check (octet_length(subject_tag) = 32),
  notification_hash bytea not null check (octet_length(notification_hash) = 32),
  -- what the wallet reported last
  event text check (event in ('credential_accepted', 'credential_failure', 'credential_deleted')),
  expires_at timestamptz not null,
  intended_at timestamptz not null,
  delivered_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant, id),
  unique (tenant, notification_hash),
  check (state <> 'delivered' or delivered_at is not null),
  check ((state = 'revoked') = (revoked_at is not null))
);
create index issuance_offer on issuance (tenant, offer);
create index issuance_subject on issuance (tenant, subject_tag);
create index issuance_intended on issuance (tenant, intended_at) where state = 'intended';
alter table issuance enable row level security;
alter table issuance force row level security;
create policy issuance_tenant on issuance
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- One copy of a credential: its place in a list, and a keyed hash of the holder's key. Never updated and never deleted while
-- the list is published, so that no place is ever given twice: there is no policy for either.
create table status_index (
  tenant text not null,
  list text not null,
  idx integer not null check (idx >= 0),
  issuance text not null,
  key_tag bytea not null check (octet_length(key_tag) = 32),
  primary key (tenant, list, idx),
  foreign key (tenant, issuance) references issuance (tenant, id)
);
create index status_index_issuance on status_index (tenant, issuance);
alter table status_index enable row level security;
alter table status_index force row level security;
create policy status_index_read on status_index for select using (tenant = current_setting('samen.tenant', true));
create policy status_index_add on status_index for insert with check (tenant = current_setting('samen.tenant', true));
