#!/bin/sh
# The database password comes from a file, so that it stands neither in the definition of a container nor in its environment
# as the engine shows it.
set -eu
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD=$(cat "$PGPASSWORD_FILE")
  export PGPASSWORD
fi
exec "$@"
