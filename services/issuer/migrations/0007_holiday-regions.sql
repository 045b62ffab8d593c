-- A fact about every pupil of the school that no roster holds.
alter table school add column holiday_region text check (holiday_region in ('noord', 'midden', 'zuid'));
