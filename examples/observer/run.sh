#!/usr/bin/env bash
# From an empty machine to an observed repository: a webhook registered at a forge, a push there delivered, deployed and
# reported back, and the webhook removed again.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../example.sh
source "$(dirname "${BASH_SOURCE[0]}")/../example.sh"
example_in tealhook-observer shop
forge=$state/forge

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook, starts a container engine if none answers, makes a home and an app, starts a
forge that stands in for GitHub, observes a repository there, pushes to it and shows what comes of that.
Run it again to push the next version.

  --down   stop and remove all that it started and made

All of it lies in one folder, $state (\$TEALHOOK_EXAMPLE names another).
END
}

up() {
  machine_packages build run
  machine_build release hooks/all tools/all forge_stand_in
  mkdir -p "$source"
  machine_engine_up "$state"
  make_home
  make_forge
  machine_at_end stop
  say "a forge, and an observer of a repository there"
  start_forge
  start_observer
  "$tealhook" observers
  say "a push to the forge"
  push_version
  await "its success at the forge" reported
  say "what the forge was told"
  ask_forge
  say "what runs"
  "$tealhook" status
  show_page
  say "the observer ends"
  stop_observer
  if ask_forge | grep '^webhook'; then
    echo "its webhook is still there" >&2
    return 1
  fi
  echo "no webhook is left at the forge"
  say "go on"
  echo "push the next version with $here/run.sh, and remove it all with $here/run.sh --down"
}

# Not at the usual ports if those are taken: they may be another home's.
make_home() {
  if [[ ! -f $TEALHOOK_HOME/tealhook.yml ]]; then
    quietly "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "localhost:$(machine_free_port 5000)" --router none
    sed -i "s|#listen: 127.0.0.1:8888|listen: 127.0.0.1:$(machine_free_port 8888)|" "$TEALHOOK_HOME/tealhook.yml"
  fi
  quietly "$tealhook" registry up
  if [[ ! -d $TEALHOOK_HOME/apps/$app ]]; then quietly "$tealhook" app create "$app"; fi
}

# A bare repository that tells the forge of each push.
make_forge() {
  forge_port=$(machine_free_port 3000)
  if [[ ! -d $forge/shop.git ]]; then
    git -c init.defaultBranch=main init -q --bare "$forge/shop.git"
    (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$forge/token")
  fi
  cat >"$forge/shop.git/hooks/post-receive" <<END
#!/bin/sh
while read -r before after ref; do
  curl -s -X POST "http://127.0.0.1:$forge_port/-/push?ref=\$ref&before=\$before&after=\$after"
done
END
  chmod +x "$forge/shop.git/hooks/post-receive"
}

start_forge() {
  "$MACHINE_ROOT/build/release/tests/forge_stand_in" "$forge_port" ada/shop "$forge/shop.git" "$forge/token" &
  forge_pid=$!
  await "the forge" forge_answers
}

start_observer() {
  DPLOY_PUBLIC_NODE=127.0.0.1 DPLOY_OBSERVER_GITHUB_PAT=$(<"$forge/token") \
    DPLOY_OBSERVER_GITHUB_OWNER=ada DPLOY_OBSERVER_GITHUB_REPO=shop \
    "$tealhook" serve --observe --api "http://127.0.0.1:$forge_port" --app "$app" >"$state/serve.log" 2>&1 &
  observer_pid=$!
  await "the webhook" registered
}

push_version() {
  local version
  next_version
  put_program
  echo "$version" >"$source/version"
  commit "$version"
  echo "\$ git push forge main"
  git -C "$source" push "$forge/shop.git" main 2>&1
}

ask_forge() { curl -s -f "http://127.0.0.1:$forge_port/-/state"; }
forge_answers() { ask_forge >/dev/null; }
registered() { ask_forge | grep -q '^webhook'; }
is_in_vain() { ! kill -0 "$forge_pid" "${observer_pid:-$forge_pid}"; }
reported() { ask_forge | grep -q "^status $(git -C "$source" rev-parse --short=7 main) .* success "; }

show_page() {
  local port url
  for port in $("$tealhook" app show "$app" --json | grep -o '"port": *[0-9]*' | grep -o '[0-9]*$'); do
    url=http://localhost:$port/
    curl -s -f "$url" | sed -n "s|.*<title>\(.*\)</title>.*|$url   \1|p" || true
  done
}

stop_observer() {
  if [[ ${observer_pid-} ]]; then
    kill "$observer_pid" 2>/dev/null || true
    wait "$observer_pid" || true
    observer_pid=
  fi
}

stop() {
  stop_observer
  if [[ ${forge_pid-} ]]; then kill "$forge_pid" 2>/dev/null || true; fi
}

down() {
  remove_home registry
  leave_nothing "$forge"
}

run_example "$@"
