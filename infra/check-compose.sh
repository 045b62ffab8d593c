#!/usr/bin/env bash
# Builds docker-compose.yml, starts it on a real Docker engine, tells the whole story against it, and stops it again.
# Needs Node and npm, and an engine that `docker info` reaches. With --engine, as root on Debian, it installs an engine and
# starts one of its own for the time of the check, with base images made from Debian's packages (no image registry needed).
# Where no engine can run it says so and validates the file.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
export COMPOSE_PROJECT_NAME=samen-check SAMEN_DB_PASSWORD=${SAMEN_DB_PASSWORD:-$(head -c 24 /dev/urandom | base64 | tr -dc A-Za-z0-9)}
export SAMEN_DB_PORT=${SAMEN_DB_PORT:-7490}
engine=''

compose() {
  if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}

finish() {
  status=$?
  if docker info >/dev/null 2>&1; then
    [ $status -eq 0 ] || compose logs --tail 30 2>&1 | tail -120
    compose down --volumes --timeout 15 >/dev/null 2>&1 || true
  fi
  if [ -n "$engine" ]; then kill "$engine" 2>/dev/null || true; wait "$engine" 2>/dev/null || true; fi
  rm -rf "$work" 2>/dev/null || true
  exit $status
}
trap finish EXIT

start_engine() {
  echo '== installing and starting an engine of our own'
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends docker.io docker-compose debootstrap iptables >/dev/null
  export PATH=/usr/bin:$PATH DOCKER_HOST="unix://$work/docker.sock"
  dockerd --data-root "$work/data" --exec-root "$work/exec" -H "$DOCKER_HOST" --pidfile "$work/docker.pid" \
    --iptables=false --bridge=none >"$work/dockerd.log" 2>&1 &
  engine=$!
  for _ in $(seq 60); do docker info >/dev/null 2>&1 && return 0; sleep 0.5; done
  tail -3 "$work/dockerd.log"
  return 1
}

# The two base images under the names of the Dockerfile and the compose file, made from Debian's packages and our own Node.
make_base_images() {
  docker image inspect node:26-bookworm-slim postgres:18-bookworm >/dev/null 2>&1 && return 0
  echo '== making base images from Debian packages (a minute)'
  debootstrap --variant=minbase --include=ca-certificates,libatomic1,postgresql-15 bookworm "$work/rootfs" >/dev/null
  tar -C "$work/rootfs" -c . | docker import - local/debian:bookworm >/dev/null
  mkdir -p "$work/node"
  cp -L node_modules/.bin/node "$work/node/node"
  (cd "$work/node" && npm pack --silent npm >/dev/null && tar xzf npm-*.tgz)
  cp /etc/ssl/certs/ca-certificates.crt "$work/node/ca.crt"
  { npm config get registry | sed 's/^/registry=/'; } >"$work/node/npmrc"
  cat >"$work/node/Dockerfile" <<'D'
FROM local/debian:bookworm
COPY node /usr/local/bin/node
COPY package /usr/local/lib/node_modules/npm
COPY ca.crt /etc/ssl/certs/ca-certificates.crt
COPY npmrc /usr/local/etc/npmrc
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx && useradd --uid 1000 --create-home node
D
  docker build --network host -q -t node:26-bookworm-slim "$work/node" >/dev/null
  mkdir -p "$work/pg"
  cat >"$work/pg/entrypoint.sh" <<'D'
#!/bin/sh
set -e
export PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data POSTGRES_USER=postgres
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  echo "$POSTGRES_PASSWORD" >/tmp/password
  initdb -U postgres -A scram-sha-256 --pwfile=/tmp/password -E UTF8 --locale=C >/dev/null
  rm /tmp/password
  pg_ctl -w -o "-c listen_addresses='' -c unix_socket_directories=/tmp -p $PGPORT" start >/dev/null
  PGHOST=/tmp PGPASSWORD=$POSTGRES_PASSWORD sh /docker-entrypoint-initdb.d/roles.sh
  pg_ctl -w stop >/dev/null
fi
exec "$@" -c unix_socket_directories=/tmp
D
  cat >"$work/pg/Dockerfile" <<'D'
FROM local/debian:bookworm
COPY --chmod=755 entrypoint.sh /entrypoint.sh
RUN rm -rf /var/lib/postgresql && mkdir -p /var/lib/postgresql && chown postgres:postgres /var/lib/postgresql
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER postgres
ENTRYPOINT ["/entrypoint.sh"]
D
  DOCKER_BUILDKIT=1 docker build --network host -q -t postgres:18-bookworm "$work/pg" >/dev/null
}

node scripts/deps.mjs
if ! docker info >/dev/null 2>&1; then
  if [ "${1:-}" != --engine ] || ! start_engine; then
    echo 'No Docker engine can be reached, so nothing was built or started.'
    if compose config >/dev/null 2>"$work/config.log"; then echo 'docker-compose.yml is valid.'; exit 0; fi
    if grep -qiE 'unsupported config|invalid|yaml' "$work/config.log"; then cat "$work/config.log"; exit 1; fi
    echo 'There is no docker compose either, so the file was not validated. Next: install one, or run this with --engine as root on Debian.'
    exit 0
  fi
fi
[ "${1:-}" = --engine ] && make_base_images
echo '== building the image'
docker build --network host -t samen -f infra/images/service.Dockerfile . >"$work/build.log" 2>&1 || { tail -20 "$work/build.log"; exit 1; }
echo '== starting'
compose up -d --no-build 2>&1 | tail -5
for port in 7400 7410 7420 7430; do
  for _ in $(seq 120); do curl -fsS "http://127.0.0.1:$port/healthz" >/dev/null 2>&1 && break; sleep 0.5; done
  curl -fsS "http://127.0.0.1:$port/healthz" >/dev/null
  echo "   127.0.0.1:$port is healthy"
done

echo '== the story, against the containers'
export SAMEN_DATA="$work/story"
for service in trust-anchor issuer verifier consent-registry; do
  mkdir -p "$SAMEN_DATA/$service/public"
  compose exec -T "$service" cat /data/operator-key >"$SAMEN_DATA/$service/operator-key"
done
compose exec -T trust-anchor cat /data/public/trust-anchor.json >"$SAMEN_DATA/trust-anchor/public/trust-anchor.json"
DATABASE_URL="postgres://postgres:$SAMEN_DB_PASSWORD@127.0.0.1:$SAMEN_DB_PORT/postgres" node_modules/.bin/node scripts/start.ts --attach
echo '== no name of a child in the logs of the containers'
if compose logs 2>&1 | grep -c qwyx; then echo 'a marker of the roster stands in a log'; exit 1; fi
echo 'The containers did the whole job.'
