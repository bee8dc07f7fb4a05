#!/usr/bin/env bash
# From an empty machine to a Docker Swarm of three engines on it, and an app with three replicas that is pushed and rolled
# back while people ask for its page and one of the engines stops.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../tests/support/machine.sh
source "$here/../../tests/support/machine.sh"

state=${TEALHOOK_EXAMPLE:-/var/tmp/tealhook-swarm-example}
app=${TEALHOOK_EXAMPLE_APP:-shop}
source=$state/source
nodes=$state/nodes
export TEALHOOK_HOME=$state/home DOCKER_CONFIG=$state/logins
tealhook=$MACHINE_ROOT/build/release/bin/tealhook

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook, makes a Docker Swarm of three engines on this machine, and pushes two versions of
a web program to it, with visitors asking all the time; stops one of the engines, and rolls back.

  --down   stop and remove all that it started and made

All of it lies in one folder, $state (\$TEALHOOK_EXAMPLE names another).
END
}

main() {
  case ${1-} in
    '') up ;;
    --down) down ;;
    --help | -h) usage ;;
    *) usage >&2 && exit 2 ;;
  esac
}

up() {
  if [[ -d $TEALHOOK_HOME ]]; then
    echo "it is there already; stop and remove it first: $here/run.sh --down" >&2
    exit 1
  fi
  machine_packages build run swarm
  machine_build release hooks/all tools/all
  mkdir -p "$source" "$DOCKER_CONFIG"
  port=$(machine_free_port 5000)
  machine_step "starting three engines" "$here/nodes.sh" up "$nodes" 3 "$port"
  make_home
  make_source

  say "a version to all three"
  push_version v1
  show_page
  show_tasks

  say "the next one, while people ask"
  visitors_come
  push_version v2
  show_page

  say "node 3 stops"
  "$here/nodes.sh" stop "$nodes" 3
  await_replicas_elsewhere
  show_tasks
  show_page

  say "and back"
  echo "\$ tealhook rollback $app"
  "$tealhook" rollback "$app"
  show_page
  visitors_leave

  say "tealhook status"
  "$tealhook" status "$app"
  printf '\nStop it all with\n  %s\n' "$here/run.sh --down"
}

# With a registry that each node reaches, and is let in at.
make_home() {
  quietly "$tealhook" setup --engine "unix://$nodes/1/docker.sock" --registry "localhost:$port" \
    --registry-auth htpasswd --router haproxy
  cat >"$TEALHOOK_HOME/tealhook.yml" <<END
engine: {host: "unix://$nodes/1/docker.sock"}
registry: {address: "localhost:$port", listen: 0.0.0.0, auth: htpasswd}
router: {kind: haproxy}
serve: {listen: "127.0.0.1:$(machine_free_port 8888)"}
END
  quietly "$tealhook" registry up
  quietly "$tealhook" router up
  quietly "$tealhook" app create "$app"
  cat >>"$TEALHOOK_HOME/apps/$app/app.yml" <<END
target: cluster
targets: {cluster: {kind: swarm, replicas: 3}}
END
  "$tealhook" serve >"$state/serve.log" 2>&1 </dev/null &
  echo "$! $(machine_started $!)" >"$state/serve"
}

make_source() {
  git -c init.defaultBranch=main init -q "$source"
  git -C "$source" config user.name "tealhook example"
  git -C "$source" config user.email example@localhost
  git -C "$source" config commit.gpgsign false
  cp "$here"/../blue-green/app/{Dockerfile,.tealhook.yml} "$source"
  g++ -std=c++20 -O2 -static -s "$here/../blue-green/app/web.cpp" -o "$source/web"
}

push_version() {
  echo "$1" >"$source/version"
  git -C "$source" add --all
  git -C "$source" commit -q -m "Say $1"
  echo "\$ git push live main"
  git -C "$source" push "$TEALHOOK_HOME/apps/$app/live.git" main 2>&1
}

live_port() {
  "$tealhook" app show "$app" --json | tr -d '\n' | sed -E 's/.*"live": *\{[^}]*"port": *([0-9]*).*/\1/'
}

show_page() {
  local url
  url=http://localhost:$(live_port)/
  echo "$url   $(curl -s -f "$url" | sed -n 's:.*<title>\(.*\)</title>.*:\1:p')"
}

# Of all services, what runs and where.
show_tasks() {
  # shellcheck disable=SC2046  # names of services are words
  manager service ps --filter desired-state=running --format '{{.Name}}   {{.Node}}   {{.CurrentState}}' \
    $(manager service ls --quiet)
}

manager() {
  DOCKER_HOST=unix://$nodes/1/docker.sock docker "$@"
}

# Swarm takes a node for lost once it has not heard of it for a while.
await_replicas_elsewhere() {
  local deadline=$((SECONDS + 90))
  until [[ $(live_servers) == 3 && ! $(live_addresses) =~ 10\.199\.77\.3: ]]; do
    if ((SECONDS > deadline)); then
      cat "$state/serve.log" >&2
      return 1
    fi
    sleep 0.5
  done
}

live_addresses() {
  "$tealhook" router status | awk -v app="$app" '$1 == app && $2 == "live"'
}

live_servers() {
  live_addresses | wc -l
}

# Two visitors, who ask the live port one request after the other until they are told to leave.
visitors_come() {
  local url number
  url=http://localhost:$(live_port)/
  rm -f "$state"/visitor-*
  visitors=()
  for number in 1 2; do
    visit "$url" "$state/visitor-$number" &
    visitors+=($!)
  done
}

visit() {
  local requests=0 failed=0
  while [[ ! -e $2-leaves ]] && kill -0 $$; do
    curl -s -f -o /dev/null --max-time 20 "$1" || failed=$((failed + 1))
    requests=$((requests + 1))
  done
  echo "$requests $failed" >"$2"
}

visitors_leave() {
  touch "$state/visitor-1-leaves" "$state/visitor-2-leaves"
  wait "${visitors[@]}"
  awk '{ requests += $1; failed += $2 } END { printf "requests %d, failed %d\n", requests, failed; exit failed > 0 }' \
    "$state/visitor-1" "$state/visitor-2"
  rm -f "$state"/visitor-*
}

down() {
  local pid started
  if [[ -f $state/serve ]]; then
    read -r pid started <"$state/serve"
    if [[ $(machine_started "$pid") == "$started" ]]; then kill "$pid"; fi
  fi
  if [[ -f $TEALHOOK_HOME/tealhook.yml ]]; then
    quietly "$tealhook" router down
    quietly "$tealhook" registry down
  fi
  if [[ -d $nodes ]]; then machine_step "stopping the engines" "$here/nodes.sh" down "$nodes"; fi
  rm -rf "$state"
  echo "nothing of the example is left"
}

quietly() {
  local output
  output=$("$@" 2>&1) || {
    echo "$output" >&2
    return 1
  }
}

say() {
  if [[ -t 1 ]]; then printf '\n\033[1m%s\033[0m\n' "$1"; else printf '\n%s\n' "$1"; fi
}

main "$@"
