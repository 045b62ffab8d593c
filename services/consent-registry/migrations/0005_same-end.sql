-- A refused question ends in the log when a silent one would, so that the log says nothing about which of them it was.
-- The moment when the end of a request was logged.
alter table consent_request add column closed_at timestamptz;
create index consent_request_refused on consent_request (expires_at) where state = 'refused' and closed_at is null;
