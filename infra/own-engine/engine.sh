# Sourced by check-compose.sh: a Docker engine of our own in the folder $work, as root on Debian, with base images made from
# Debian's packages, so that no image registry is needed. What starts here ends with stop_engine.

engine=''

can_start_engine() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && command -v unshare >/dev/null
}

install_engine() {
  local missing='' policy='' status=0 program
  for program in dockerd docker-compose debootstrap iptables; do command -v "$program" >/dev/null || missing=yes; done
  [ -n "$missing" ] || return 0
  apt-get update -qq || return 1
  # Debian would also start the engine of the system, which nobody asked for.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io docker-compose debootstrap iptables \
    >"$work/apt.log" 2>&1 || status=1
  [ -z "$policy" ] || rm "$policy"
  [ "$status" = 0 ] || tail -5 "$work/apt.log"
  return "$status"
}

# Its mounts end with it. It changes neither the packet filter nor the routing of the machine: containers reach each other
# and their published ports, and nothing else.
start_engine() {
  mkdir "$work/engine"
  export DOCKER_HOST="unix://$work/engine/docker.sock"
  unshare --mount dockerd --data-root "$work/engine/data" --exec-root "$work/engine/exec" -H "$DOCKER_HOST" \
    --pidfile "$work/engine/docker.pid" --iptables=false --ip-forward=false --bridge=none >"$work/engine.log" 2>&1 &
  engine=$!
  for _ in $(seq 120); do
    ! docker info >/dev/null 2>&1 || return 0
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.5
  done
  tail -3 "$work/engine.log"
  return 1
}

stop_engine() {
  [ -n "$engine" ] || return 0
  kill "$engine" 2>/dev/null || true
  wait "$engine" 2>/dev/null || true
}

# Under the names of service.Dockerfile and docker-compose.yml: our own Node on Debian, and Debian's PostgreSQL behind an entry
# point that treats volumes, users and passwords as the official image does.
make_base_images() {
  local from=infra/own-engine at=$work/images
  mkdir -p "$at/node" "$at/postgres"
  debootstrap --variant=minbase --include=ca-certificates,libatomic1,postgresql-15 bookworm "$at/debian" >"$work/debootstrap.log" \
    || { tail -5 "$work/debootstrap.log"; return 1; }
  tar -C "$at/debian" -c --exclude='./var/cache/apt/archives/*.deb' . | docker import - samen-check/debian >/dev/null
  rm -rf "$at/debian"
  cp -L node_modules/.bin/node /etc/ssl/certs/ca-certificates.crt "$at/node/"
  (cd "$at/node" && npm pack --silent npm >/dev/null && tar xzf npm-*.tgz && echo "registry=$(npm config get registry)" >npmrc)
  docker build --network host -q -t node:26-bookworm-slim -f "$from/node.Dockerfile" "$at/node" >/dev/null
  cp "$from/postgres-entrypoint.sh" "$at/postgres/"
  docker build --network host -q -t postgres:18-bookworm -f "$from/postgres.Dockerfile" "$at/postgres" >/dev/null
}
