-- A consent that ended with its last day is deleted like one that was withdrawn: told by when, confirmed, or marked as late.
alter table consent_request
  drop constraint consent_request_check4,
  add constraint deletion_of_what_was_given check (deletion_confirmed_at is null or given_at is not null);
drop index consent_request_deletion;
create index consent_request_deletion on consent_request (delete_by)
  where delete_by is not null and deletion_confirmed_at is null and deletion_overdue_at is null;
