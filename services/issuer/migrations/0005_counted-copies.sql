-- One key of a holder is in one copy only: two copies with one key would be known as the same holder's.
create unique index status_index_key on status_index (tenant, key_tag);

-- Copies that may still be signed, for each configuration of the offer in the same order: those of one are not the other's.
alter table offer drop column copies_left;
alter table offer add column copies_left integer[] not null
  check (cardinality(copies_left) = cardinality(configurations) and 0 <= all (copies_left));
