-- A result is handed out only when it was confirmed where the request began: by the wallet's redirect into that very browser, or by a
-- number that the wallet's device shows. And only to who shows that it is the same session of the app: with the code that the browser
-- brings back to it. A request lives minutes; those of the old form end here.
delete from presentation;

alter table presentation
  -- whether there is a way back to the app says which it is
  drop column device,
  add column answered_at timestamptz,
  -- numbers typed so far, right or wrong; counted before they are compared
  add column pairing_tries integer not null default 0 check (pairing_tries between 0 and 5),
  -- SHA-256 of what the app's own browser session brings
  add column result_code_hash bytea check (octet_length(result_code_hash) = 32),
  add check (return_url is null or (released_at is null) = (result_code_hash is null)),
  add check (state not in ('verified', 'consent_required', 'refused') or answered_at is not null);
