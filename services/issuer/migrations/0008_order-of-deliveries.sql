-- Which delivery was judged after which: counted while the register is locked, since the moment at which one came says nothing about it.
-- (With this version the codes of offers prove themselves. An offer that is open while it is installed has to be made again; it would
-- have lived for another day at most.)
alter table roster_import add column nr bigint generated always as identity;
