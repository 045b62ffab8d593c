-- A fingerprint of the keyring: one that was lost or exchanged is noticed before anything is opened with it.
create table keyring_check (
  only_row boolean primary key default true check (only_row),
  mac bytea not null check (octet_length(mac) = 32)
);
