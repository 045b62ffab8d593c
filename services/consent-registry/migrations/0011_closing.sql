-- A question closes at the latest with the last day of what is asked, so that one date finds it when it is over. New ones are put so.
update consent_request set expires_at = (until + 1)::timestamp at time zone 'UTC'
  where closed_at is null and state in ('requested', 'refused') and expires_at > (until + 1)::timestamp at time zone 'UTC';
