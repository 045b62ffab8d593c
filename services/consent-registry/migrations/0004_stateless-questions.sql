-- Nothing is kept of a wallet that was asked before it has answered: whoever has a link could ask as often as they like.
-- A presentation lives minutes; those of the old form end here.
delete from presentation;
alter table presentation
  drop column sealed_request,
  drop column created_at,
  drop column answered_at,
  alter column response_code_hash set not null,
  add check ((sealed_answer is null) = (confirmed_at is not null));
drop index if exists presentation_of_request;

comment on table presentation is 'A wallet has answered; deleted minutes later.';

-- The certificates under which wallets are asked, one for each renewal: a process serves what another one began.
create table request_certificate (
  -- the beginning of the hash of the leaf
  mark bytea primary key check (octet_length(mark) = 8),
  x5c text[] not null check (cardinality(x5c) > 0)
);
