-- Lists are signed every two seconds for as long as the registry lives. How many places of a list are revoked is counted as it happens, by
-- whatever statement, so that the places are read again only where it changed.
alter table consent_list add column revoked integer not null default 0 check (revoked >= 0);

create function count_revoked() returns trigger language plpgsql as $$
begin
  update consent_list set revoked = revoked + 1 where id = new.list;
  return null;
end $$;
create trigger revoked_index_is_counted after update of revoked on consent_index
  for each row when (new.revoked and not old.revoked) execute function count_revoked();

-- After the trigger, which holds the table until the end of this migration: nothing is revoked in between.
update consent_list l set revoked = (select count(*) from consent_index i where i.list = l.id and i.revoked);

-- Whether anything in a closed list still lives.
create index consent_index_live on consent_index (list) where not revoked;
