-- What is over is forgotten by a timer. The database refuses to forget earlier.

-- A place goes only after its list: the id of a list is never given again, so no place is.
create policy status_index_end on status_index for delete using (
  tenant = current_setting('samen.tenant', true)
  and not exists (select from status_list l where l.tenant = status_index.tenant and l.id = status_index.list));

-- An event outlives what it is about: a copy lives for a year and a bit, and is remembered for another.
create policy audit_event_end on audit_event for delete using (
  tenant = current_setting('samen.tenant', true) and at < now() - interval '1095 days');
create index audit_event_age on audit_event (tenant, at);
