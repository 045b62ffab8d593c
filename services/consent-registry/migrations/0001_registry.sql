-- The registry holds decisions, never attributes. Nothing in these tables is the same for two consents of one child:
-- handles are random, tags are keyed per handle, all else about people is sealed under a key outside the database.

-- Own private keys, sealed.
create table node_key (
  name text primary key check (name in ('federation', 'request', 'list', 'log')),
  sealed bytea not null,
  created_at timestamptz not null
);

-- Ids of messages already acted on.
create table received_message (
  sender text not null,
  jti text not null,
  received_at timestamptz not null,
  primary key (sender, jti)
);
create index received_message_age on received_message (received_at);

-- A purpose's id belongs to the app that used it first.
create table purpose_owner (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{22}$'),
  app text not null,
  unique (id, app)
);

create table purpose (
  id text not null,
  version integer not null check (version > 0),
  app text not null,
  app_name text not null,
  document jsonb not null,
  hash text not null check (hash ~ '^[A-Za-z0-9_-]{43}$'),
  message text not null,
  valid_until date not null,
  registered_at timestamptz not null,
  primary key (id, version),
  unique (id, version, app, hash),
  foreign key (id, app) references purpose_owner (id, app)
);

create table agreement (
  school text not null,
  purpose_id text not null,
  purpose_version integer not null,
  school_name text not null,
  app text not null,
  purpose_hash text not null,
  guardians text not null check (guardians in ('every', 'one')),
  document jsonb not null,
  message text not null,
  valid_until date not null,
  issued_at timestamptz not null,
  received_at timestamptz not null,
  primary key (school, purpose_id, purpose_version),
  foreign key (purpose_id, purpose_version, app, purpose_hash) references purpose (id, version, app, hash)
);

-- Lists of live consents. Every index is claimed once, by chance, and never returned.
create table consent_list (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{22}$'),
  size integer not null check (size > 0),
  created_at timestamptz not null,
  closed_at timestamptz
);

create table consent_index (
  list text not null references consent_list (id),
  idx integer not null check (idx >= 0),
  revoked boolean not null default false,
  primary key (list, idx)
);
create index consent_index_revoked on consent_index (list, idx) where revoked;

-- One question about one child. What the agreement said when it was asked is pinned here.
create table consent_request (
  handle text primary key check (handle ~ '^[A-Za-z0-9_-]{22}$'),
  purpose_id text not null,
  purpose_version integer not null,
  purpose_hash text not null,
  app text not null,
  school text not null,
  school_name text not null,
  guardians text not null check (guardians in ('every', 'one')),
  until date not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  state text not null default 'requested' check (state in ('requested', 'given', 'refused', 'withdrawn', 'expired')),
  -- counts decisions, so that two at once get one order
  revision integer not null default 0,
  -- mac over this handle and the child's pseudonym: the first decision sets it, a later one of another child does not fit
  child_tag bytea check (octet_length(child_tag) = 32),
  -- mac over this handle and the number of holders of authority, on which all who say yes must agree
  holders_tag bytea check (octet_length(holders_tag) = 32),
  list text,
  list_index integer,
  -- what the receipt needs besides this row; erased when the app has it
  sealed_receipt bytea,
  given_at timestamptz,
  withdrawn_at timestamptz,
  notified_at timestamptz,
  delete_by date,
  deletion_overdue_at timestamptz,
  deletion_confirmed_at timestamptz,
  deletion_message text,
  foreign key (purpose_id, purpose_version, app, purpose_hash) references purpose (id, version, app, hash),
  foreign key (list, list_index) references consent_index (list, idx),
  unique (list, list_index),
  check ((state = 'requested') or (state = 'expired') or child_tag is not null),
  check (state <> 'given' or (given_at is not null and list is not null)),
  check (state <> 'withdrawn' or (withdrawn_at is not null and delete_by is not null)),
  check (deletion_confirmed_at is null or withdrawn_at is not null)
);
create index consent_request_open on consent_request (expires_at) where state = 'requested';
create index consent_request_given on consent_request (until) where state = 'given';
create index consent_request_deletion on consent_request (delete_by)
  where withdrawn_at is not null and deletion_confirmed_at is null and deletion_overdue_at is null;

-- What a guardian said. The same guardian says the same word once.
create table decision (
  handle text not null references consent_request (handle),
  party_tag bytea not null check (octet_length(party_tag) = 32),
  word text not null check (word in ('yes', 'no', 'withdraw')),
  decided_at timestamptz not null,
  -- salt, document and the wallet's signature over them
  sealed_evidence bytea not null,
  primary key (handle, party_tag, word)
);

-- The handles of one child, found by tags that only the keyring can count out.
create table box (
  tag bytea primary key check (octet_length(tag) = 32),
  sealed_handle bytea not null
);

-- A wallet is being asked. Deleted minutes later.
create table presentation (
  id_hash bytea primary key check (octet_length(id_hash) = 32),
  kind text not null check (kind in ('decision', 'record')),
  handle text references consent_request (handle),
  browser_hash bytea not null check (octet_length(browser_hash) = 32),
  -- nonce, state, decryption key, decision; erased by the answer
  sealed_request bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  answered_at timestamptz,
  response_code_hash bytea unique check (octet_length(response_code_hash) = 32),
  -- true once the browser that began has shown the response code
  opened_at timestamptz,
  sealed_outcome bytea,
  check ((kind = 'decision') = (handle is not null)),
  check (sealed_request is not null or answered_at is not null)
);
create index presentation_age on presentation (expires_at);
create index presentation_of_request on presentation (handle) where answered_at is null;
create unique index presentation_browser on presentation (browser_hash);

-- The transparency log: what waits for a place, the tree as tiles, the signed head.
create table log_event (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{22}$'),
  handle text references consent_request (handle),
  commitment bytea not null check (octet_length(commitment) = 32),
  -- event and salt; erasing them leaves a leaf that says nothing
  sealed_event bytea,
  at timestamptz not null,
  -- by the one clock of the database: the order in which events get their places
  queued_at timestamptz not null default clock_timestamp(),
  idx bigint unique check (idx >= 0)
);
create index log_event_pending on log_event (queued_at, id) where idx is null;
create index log_event_of_request on log_event (handle);

create table log_tile (
  level integer not null check (level between -1 and 63),
  idx bigint not null check (idx >= 0),
  bytes bytea not null,
  primary key (level, idx)
);
comment on column log_tile.level is 'level of the tree, or -1 for the bundles of entries';

create table log_head (
  single boolean primary key default true check (single),
  size bigint not null check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  checkpoint text not null
);

-- Guards against a program error or a hand on the keyboard.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name;
end $$;
create trigger purpose_is_immutable before update or delete on purpose for each row execute function refuse_change();
create trigger purpose_owner_is_immutable before update or delete on purpose_owner for each row execute function refuse_change();
create trigger decision_is_immutable before update on decision for each row execute function refuse_change();
create trigger index_is_never_returned before delete on consent_index for each row execute function refuse_change();

create function refuse_reopening() returns trigger language plpgsql as $$
begin
  if old.state in ('refused', 'withdrawn', 'expired') and new.state <> old.state then
    raise exception 'a request that has ended never opens again';
  end if;
  if old.child_tag is not null and new.child_tag is distinct from old.child_tag then
    raise exception 'a request never moves to another child';
  end if;
  return new;
end $$;
create trigger request_never_reopens before update on consent_request for each row execute function refuse_reopening();

create function refuse_unrevoking() returns trigger language plpgsql as $$
begin
  if old.revoked and not new.revoked then raise exception 'a withdrawn consent stays withdrawn'; end if;
  return new;
end $$;
create trigger index_stays_revoked before update on consent_index for each row execute function refuse_unrevoking();

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'log_tile' and substring(new.bytes for octet_length(old.bytes)) <> old.bytes then
    raise exception 'the log is only ever added to';
  end if;
  return new;
end $$;
create trigger tile_only_grows before update on log_tile for each row execute function refuse_rewriting();
create trigger tile_stays before delete on log_tile for each row execute function refuse_change();

create function refuse_shrinking() returns trigger language plpgsql as $$
begin
  if new.size < old.size then raise exception 'the log never gets shorter'; end if;
  return new;
end $$;
create trigger head_never_shrinks before update on log_head for each row execute function refuse_shrinking();
create trigger head_stays before delete on log_head for each row execute function refuse_change();

create function refuse_moving() returns trigger language plpgsql as $$
begin
  if old.commitment <> new.commitment or (old.idx is not null and new.idx is distinct from old.idx) then
    raise exception 'a log entry never moves';
  end if;
  return new;
end $$;
create trigger event_never_moves before update on log_event for each row execute function refuse_moving();
