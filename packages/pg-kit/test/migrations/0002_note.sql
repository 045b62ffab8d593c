create table note (
  tenant text not null check (tenant <> ''),
  id text not null,
  primary key (tenant, id)
);
alter table note enable row level security;
alter table note force row level security;
create policy note_tenant on note
  using (tenant = current_setting('samen.tenant', true)) with check (tenant = current_setting('samen.tenant', true));
