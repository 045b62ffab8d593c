-- A message that was never answered is given up at last, and says so: the app can read it.
alter table outgoing_message
  drop constraint outgoing_message_state_check,
  add constraint outgoing_message_state_check check (state in ('waiting', 'delivered', 'rejected', 'given_up'));
create index outgoing_message_open on outgoing_message (tenant, created_at, id) where state <> 'delivered';
