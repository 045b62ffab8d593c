#!/usr/bin/env bash
# Builds docker-compose.yml, starts it on a real Docker engine, tells the whole story against it, starts it again on the same
# volumes, and removes it. Uses the engine that `docker info` reaches; with --engine, as root on Debian, it installs one and
# runs it for the time of the check. Where no engine can run it says so and validates the file.
set -euo pipefail
cd "$(dirname "$0")/.."
. infra/own-engine/engine.sh
export COMPOSE_PROJECT_NAME=samen-check COMPOSE_FILE=${COMPOSE_FILE:-docker-compose.yml}
export DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
work=$(mktemp -d)
services='trust-anchor issuer verifier consent-registry'
published='7400 7410 7420 7430'

main() {
  find_engine "$@"
  for port in $published; do
    ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "Something listens on 127.0.0.1:$port. Stop that first."
  done
  step 'building the images'
  quietly compose build loopback story
  docker image inspect --format '{{index .RepoTags 0}} {{.Size}} bytes' node:26-bookworm-slim samen samen-story
  step 'first start: passwords and keys are made'
  start
  check_containment
  local first=$(fingerprints)
  step 'the story, against the containers'
  quietly compose run --rm -T story
  step 'second start, on the same volumes'
  quietly compose down --timeout 15
  start
  [ "$(fingerprints)" = "$first" ] || fail 'the second start has other keys than the first'
  quietly compose run --rm -T story
  ! compose logs 2>&1 | grep -q qwyx || fail 'a marker of the roster stands in a log'
  step 'down, with the volumes'
  quietly compose down --volumes --timeout 15
  check_nothing_left
  step 'the containers did the whole job, twice'
}

step() { printf '== %s (after %s s)\n' "$*" "$SECONDS"; }
fail() { echo "$*" >&2; exit 1; }
quietly() { "$@" >"$work/out" 2>&1 || { tail -40 "$work/out"; fail "failed: $*"; }; }

compose() {
  if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}

finish() {
  local status=$?
  trap - EXIT INT TERM
  if docker info >/dev/null 2>&1; then
    [ "$status" = 0 ] || compose logs --no-color 2>&1 | grep -v '"level":30' | tail -60 || true
    compose down --volumes --timeout 15 >/dev/null 2>&1 || true
  fi
  stop_engine
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

find_engine() {
  if [ "${1:-}" != --engine ]; then
    docker info >/dev/null 2>&1 || only_validate 'docker info reaches none; --engine installs one, as root on Debian'
    return 0
  fi
  # Debian's own client knows Debian's engine; another one may stand before it.
  PATH=/usr/sbin:/usr/bin:$PATH
  can_start_engine || only_validate 'it needs root on Debian'
  step 'an engine of our own'
  install_engine || only_validate 'its packages cannot be installed'
  start_engine || only_validate 'it does not start'
  step 'base images, from Debian packages'
  node scripts/deps.mjs
  make_base_images
  COMPOSE_FILE+=:infra/own-engine/docker-compose.yml
}

only_validate() {
  echo "No Docker engine can run here: $1. So nothing was built or started."
  if compose version >/dev/null 2>&1; then
    quietly compose config --quiet
    echo 'docker-compose.yml is valid.'
  else
    echo 'There is no docker compose either, so docker-compose.yml was not validated.'
  fi
  exit 0
}

start() {
  quietly compose up -d --no-build
  for service in db $services; do until_healthy "$service"; done
}

until_healthy() {
  local container deadline=$((SECONDS + 180))
  container=$(compose ps -q "$1")
  until [ "$(docker inspect --format '{{.State.Health.Status}}' "$container")" = healthy ]; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$1 did not become healthy"
    sleep 0.5
  done
}

in_service() { compose exec -T "$@" </dev/null; }

# Shown from inside, not read from the file: what a service that was taken over could do.
check_containment() {
  local service ports
  ports=$(docker port "$(compose ps -q loopback)" | sed 's/.* -> //' | sort | xargs)
  [ "$ports" = "$(printf '127.0.0.1:%s\n' $published | xargs)" ] || fail "published: $ports"
  for service in $services; do
    [ "$(in_service "$service" id -un)" = node ] || fail "$service runs as another user than node"
    in_service "$service" grep -q '^NoNewPrivs:.*1$' /proc/1/status || fail "$service could gain privileges"
    in_service "$service" grep -q '^CapBnd:.*0000000000000000$' /proc/1/status || fail "$service holds capabilities"
    ! in_service "$service" touch /app/x 2>/dev/null || fail "$service can change its own program"
    ! docker inspect "$(compose ps -q "$service")" | grep -qF "$(in_service "$service" cat /data/database-password)" \
      || fail "the database password stands in the definition of $service"
  done
  ! in_service issuer ls node_modules/.pnpm packages | grep -E '^(tap|typescript|knip|fast-check)@|^test-|^pg-dev' \
    || fail 'the image holds what only a developer needs'
  [ "$(databases_open_to issuer)" = 'opens 28P01 28P01' ] || fail "the issuer's password opens more than its own database"
}

# PostgreSQL's answers to the password of a service, for its own role, for another's, and for the superuser.
databases_open_to() {
  in_service "$1" sh -c 'PGPASSWORD=$(cat /data/database-password) exec node -e "
    const { Client } = require(require.resolve(\"pg\", { paths: [\"/app/packages/pg-kit\"] }))
    const at = (role) => \"postgres://\" + role + \"@127.0.0.1/\" + role
    const open = (role) => new Client(at(role)).connect().then(() => \"opens\", ({ code }) => code)
    Promise.all([\"samen_'"$1"'\", \"samen_verifier\", \"postgres\"].map(open)).then((answers) => {
      process.stdout.write(answers.join(\" \"))
      process.exit()
    })"'
}

# What a second start has to find again.
fingerprints() {
  local service
  for service in $services; do
    in_service "$service" sh -c 'cd /data && find . -name "*key*" -o -name database-password | sort | xargs sha256sum'
  done
}

check_nothing_left() {
  local label=label=com.docker.compose.project=$COMPOSE_PROJECT_NAME left
  left=$(docker ps -aq --filter "$label"; docker volume ls -q --filter "$label"; docker network ls -q --filter "$label")
  [ -z "$left" ] || fail "left behind: $left"
}

main "$@"
