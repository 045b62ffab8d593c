#!/bin/sh
# Runs before PostgreSQL, and does nothing from the second start on: a password for each role. The container of PostgreSQL
# finds them all, under a user id that is not ours; every other container finds only its own.
set -eu
while read -r volume role; do
  password=/volumes/passwords/$role
  if [ ! -s "$password" ]; then
    head -c 24 /dev/urandom | base64 >"$password.new"
    mv "$password.new" "$password"
  fi
  (umask 077 && cp "$password" "/volumes/$volume/database-password")
done <<'ROLES'
anchor samen_trust_anchor
issuer samen_issuer
verifier samen_verifier
registry samen_consent_registry
story postgres
ROLES
