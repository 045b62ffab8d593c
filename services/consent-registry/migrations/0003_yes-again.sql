-- A yes counts as long as the credential behind it is valid. Who lost authority and has it again says yes again: both stay as evidence.
alter table decision drop constraint decision_pkey;
alter table decision add primary key (handle, party_tag, word, decided_at);
