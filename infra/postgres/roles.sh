#!/bin/sh
# Runs once, when the data folder of the PostgreSQL container is empty: a database and a role for each service. No role is a
# superuser, none can reach another's database, and each owns only its own.
set -eu
for service in issuer verifier consent_registry trust_anchor; do
  psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set role="samen_$service" --set password="$POSTGRES_PASSWORD" <<'SQL'
create role :"role" login password :'password' nosuperuser nocreatedb nocreaterole;
create database :"role" owner :"role";
revoke connect, temporary on database :"role" from public;
SQL
done
