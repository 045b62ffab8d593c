-- A consent ends by withdrawal or with its last day, and either way what was kept under it has to go.
alter table consent_request add column expired_at timestamptz;
alter table consent_receipt rename column withdrawn_at to ended_at;
create index consent_receipt_last_day on consent_receipt (tenant, until) where ended_at is null;
