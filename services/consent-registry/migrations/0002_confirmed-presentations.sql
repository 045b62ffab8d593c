-- What a wallet answers counts only when the browser that began confirms it: by the wallet's redirect in that very browser, or by a
-- number that the wallet's device shows and that is typed there. Otherwise who sends a link to a parent decides in the parent's name.
-- A presentation lives minutes; those of the old form end here.
delete from presentation;

alter table presentation
  -- what the wallet proved, from its answer until it is confirmed
  add column sealed_answer bytea,
  add column confirmed_at timestamptz,
  -- numbers typed so far, right or wrong; counted before they are compared
  add column pairing_tries integer not null default 0 check (pairing_tries between 0 and 5);

alter table presentation
  drop column opened_at,
  add check (confirmed_at is null or answered_at is not null),
  add check ((sealed_answer is not null) = (answered_at is not null and confirmed_at is null)),
  add check ((sealed_outcome is not null) = (confirmed_at is not null));
