-- The id of the message that put the question, fixed before it was sent: the registry answers a repetition with the same question, and
-- that one is stored once.
alter table consent_request
  add column message_id text check (message_id ~ '^[A-Za-z0-9_-]{22}$'),
  add unique (tenant, message_id);
