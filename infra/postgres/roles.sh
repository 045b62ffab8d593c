#!/bin/sh
# Runs once, when the data folder of the PostgreSQL container is empty: a database and a role for each service, each with a
# password of its own. No role is a superuser, none can reach another's database, and each owns only its own.
set -eu
for role in samen_trust_anchor samen_issuer samen_verifier samen_consent_registry; do
  PASSWORD_FILE=/passwords/$role psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set role="$role" <<'SQL'
\set password `cat "$PASSWORD_FILE"`
create role :"role" login password :'password' nosuperuser nocreatedb nocreaterole;
create database :"role" owner :"role";
revoke connect, temporary on database :"role" from public;
SQL
done
