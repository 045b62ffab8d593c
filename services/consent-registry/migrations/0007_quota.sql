-- Counters that may be forgotten in a crash: cheap to write, never in the write-ahead log.
create unlogged table quota (
  key_hash bytea primary key check (octet_length(key_hash) = 32),
  window_start bigint not null,
  used integer not null
);
create index quota_age on quota (window_start);
