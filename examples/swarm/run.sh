#!/usr/bin/env bash
# From an empty machine to a Docker Swarm of three engines on it, and an app with three replicas that is pushed and rolled
# back while people ask for its page and one of the engines stops.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../example.sh
source "$(dirname "${BASH_SOURCE[0]}")/../example.sh"
example_in tealhook-swarm-example shop
nodes=$state/nodes
export DOCKER_CONFIG=$state/logins

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook, makes a Docker Swarm of three engines on this machine, and pushes two versions of
a web program to it, with visitors asking all the time; stops one of the engines, and rolls back.

  --down   stop and remove all that it started and made

All of it lies in one folder, $state (\$TEALHOOK_EXAMPLE names another).
END
}

up() {
  require_none_there
  machine_packages build run swarm
  machine_build release hooks/all tools/all
  mkdir -p "$source" "$DOCKER_CONFIG"
  port=$(machine_free_port 5000)
  machine_step "starting three engines" "$here/nodes.sh" up "$nodes" 3 "$port"
  make_home
  make_source
  put_program

  say "a version to all three"
  push_version v1
  show_page
  show_tasks

  say "the next one, while people ask"
  visitors_come "http://localhost:$(show live port)/"
  push_version v2
  show_page

  say "node 3 stops"
  "$here/nodes.sh" stop "$nodes" 3
  await "replicas elsewhere" replicas_are_elsewhere
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
  start_daemon
}

push_version() {
  echo "$1" >"$source/version"
  commit "$1"
  echo "\$ git push live main"
  git -C "$source" push "$TEALHOOK_HOME/apps/$app/live.git" main 2>&1
}

show_page() {
  show_title "http://localhost:$(show live port)/"
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
replicas_are_elsewhere() {
  [[ $(live_addresses | wc -l) == 3 && ! $(live_addresses) =~ 10\.199\.77\.3: ]]
}

live_addresses() {
  "$tealhook" router status | awk -v app="$app" '$1 == app && $2 == "live"'
}

down() {
  end_daemon
  if [[ -f $TEALHOOK_HOME/tealhook.yml ]]; then
    quietly "$tealhook" router down
    quietly "$tealhook" registry down
  fi
  if [[ -d $nodes ]]; then machine_step "stopping the engines" "$here/nodes.sh" down "$nodes"; fi
  leave_nothing "$nodes" "$DOCKER_CONFIG"
}

run_example "$@"
