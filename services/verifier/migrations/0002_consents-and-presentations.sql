-- A question put to the guardians of one child through the registry. Which child, this node never learns from here.
create table consent_request (
  tenant text not null references app (tenant),
  handle text not null check (handle ~ '^[A-Za-z0-9_-]{22}$'),
  purpose_id text not null,
  purpose_version integer not null,
  school text not null,
  page_url text not null,
  expires_at timestamptz not null,
  given_at timestamptz,
  withdrawn_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant, handle),
  foreign key (tenant, purpose_id, purpose_version) references purpose (tenant, id, version)
);
alter table consent_request enable row level security;
alter table consent_request force row level security;
create policy consent_request_tenant on consent_request
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- The registry's word that all parties said yes. `binding` ties it to a child through the pseudonym that only a presentation
-- shows; the tag is our own keyed index over pseudonyms that were shown before.
create table consent_receipt (
  tenant text not null references app (tenant),
  handle text not null,
  purpose_id text not null,
  purpose_version integer not null,
  school text not null,
  until date not null,
  list_uri text not null,
  list_index integer not null check (list_index >= 0),
  binding_salt bytea not null check (octet_length(binding_salt) = 16),
  binding bytea not null check (octet_length(binding) = 32),
  pseudonym_tag bytea check (octet_length(pseudonym_tag) = 32),
  received_at timestamptz not null,
  withdrawn_at timestamptz,
  primary key (tenant, handle),
  foreign key (tenant, handle) references consent_request (tenant, handle)
);
create index consent_receipt_known on consent_receipt (tenant, purpose_id, purpose_version, pseudonym_tag)
  where withdrawn_at is null and pseudonym_tag is not null;
create index consent_receipt_unknown on consent_receipt (tenant, purpose_id, purpose_version)
  where withdrawn_at is null and pseudonym_tag is null;
create index consent_receipt_list on consent_receipt (tenant, list_uri) where withdrawn_at is null;
alter table consent_receipt enable row level security;
alter table consent_receipt force row level security;
create policy consent_receipt_tenant on consent_receipt
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- What the app has to delete, and whether it said it did.
create table deletion_duty (
  tenant text not null references app (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  handle text not null,
  delete_by date not null,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  primary key (tenant, id),
  unique (tenant, handle)
);
create index deletion_duty_order on deletion_duty (tenant, created_at, id);
alter table deletion_duty enable row level security;
alter table deletion_duty force row level security;
create policy deletion_duty_tenant on deletion_duty
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

create table webhook (
  tenant text not null references app (tenant),
  id text not null check (id ~ '^[A-Za-z0-9_-]{22}$'),
  url text not null check (length(url) between 8 and 2048),
  sealed_secret bytea not null,
  created_at timestamptz not null,
  primary key (tenant, id)
);
alter table webhook enable row level security;
alter table webhook force row level security;
create policy webhook_tenant on webhook
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- One request to a wallet. What the wallet needs is sealed together and thrown away when an answer has come.
create table presentation (
  tenant text not null references app (tenant),
  id text not null check (length(id) between 24 and 96),
  -- SHA-256 of the id in the wallet's URLs, of the nonce and of the state
  request_hash bytea not null check (octet_length(request_hash) = 32),
  nonce_hash bytea not null check (octet_length(nonce_hash) = 32),
  state_hash bytea not null check (octet_length(state_hash) = 32),
  sealed_secrets bytea,
  client_id text not null,
  purpose_id text not null,
  purpose_version integer not null,
  query jsonb not null,
  facts jsonb not null,
  -- the consent that the app named, if any
  handle text,
  state text not null check (state in ('requested', 'answering', 'verified', 'consent_required', 'refused')),
  -- on the same device the browser that began must come back with the code, before anything is handed out
  device text not null check (device in ('same', 'cross')),
  return_url text,
  session_hash bytea check (octet_length(session_hash) = 32),
  response_code_hash bytea check (octet_length(response_code_hash) = 32),
  released_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant, id),
  unique (tenant, request_hash),
  unique (tenant, nonce_hash),
  foreign key (tenant, client_id) references app_certificate (tenant, client_id),
  foreign key (tenant, purpose_id, purpose_version) references purpose (tenant, id, version),
  check (state not in ('verified', 'consent_required', 'refused') or sealed_secrets is null)
);
create index presentation_age on presentation (tenant, expires_at);
alter table presentation enable row level security;
alter table presentation force row level security;
create policy presentation_tenant on presentation
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));

-- The claims of one presentation, sealed, for minutes: deleted when they are read, when they are too old, when the consent ends.
create table presentation_result (
  tenant text not null,
  id text not null,
  handle text not null,
  sealed bytea not null,
  expires_at timestamptz not null,
  primary key (tenant, id),
  foreign key (tenant, id) references presentation (tenant, id) on delete cascade
);
create index presentation_result_consent on presentation_result (tenant, handle);
create index presentation_result_age on presentation_result (tenant, expires_at);
alter table presentation_result enable row level security;
alter table presentation_result force row level security;
create policy presentation_result_tenant on presentation_result
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));
