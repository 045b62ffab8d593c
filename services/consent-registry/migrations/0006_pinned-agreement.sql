-- What a guardian was shown stays what was asked: the processor agreement too is that of the day of the question.
alter table consent_request add column processor_agreement jsonb;
update consent_request r set processor_agreement = a.document -> 'processor_agreement'
  from agreement a
  where a.school = r.school and a.purpose_id = r.purpose_id and a.purpose_version = r.purpose_version;
alter table consent_request alter column processor_agreement set not null;
