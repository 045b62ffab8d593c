-- On whose yes a consent stands: they take it back also when their school no longer vouches for them. The same tags as in `decision`, keyed by
-- handle; a yes that had lost its authority when the others gave is not among them.
alter table consent_request add column given_by bytea[];
update consent_request r
  set given_by = array(select d.party_tag from decision d where d.handle = r.handle and d.word = 'yes')
  where given_at is not null;
