# What the examples have in common. Each run.sh sources it, says with example_in where it lies, defines usage, up and down,
# and ends with run_example "$@".
# shellcheck shell=bash

# shellcheck source-path=SCRIPTDIR source=../tests/support/machine.sh
source "$(dirname "${BASH_SOURCE[0]}")/../tests/support/machine.sh"

# example_in FOLDER APP: all of it lies below /var/tmp/FOLDER, or where $TEALHOOK_EXAMPLE says.
# shellcheck disable=SC2034 # they are for the example
example_in() {
  here=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
  state=${TEALHOOK_EXAMPLE:-/var/tmp/$1}
  app=${TEALHOOK_EXAMPLE_APP:-$2}
  source=$state/source
  export TEALHOOK_HOME=$state/home
  tealhook=$MACHINE_ROOT/build/release/bin/tealhook
}

run_example() {
  case ${1-} in
    '') up ;;
    --down) down ;;
    --help | -h) usage ;;
    *) usage >&2 && exit 2 ;;
  esac
}

# For one that cannot go on where it was left.
require_none_there() {
  if [[ -d $TEALHOOK_HOME ]]; then
    echo "it is there already; stop and remove it first: $here/run.sh --down" >&2
    exit 1
  fi
}

say() {
  if [[ -t 1 ]]; then printf '\n\033[1m%s\033[0m\n' "$1"; else printf '\n%s\n' "$1"; fi
}

quietly() {
  local output
  output=$("$@" 2>&1) || {
    echo "$output" >&2
    return 1
  }
}

# await WHAT CONDITION...: until it is so. An example may say more of what is in the way, and that it cannot come to that
# any more.
await() {
  local deadline=$((SECONDS + 120))
  until "${@:2}" >/dev/null 2>&1; do
    if ((SECONDS > deadline)) || is_in_vain; then
      echo "error: waited in vain for $1" >&2
      tell_why >&2 || true
      return 1
    fi
    sleep 0.1
  done
}
is_in_vain() { false; }
tell_why() { cat "$state"/*.log; }

# --- what is pushed

make_source() {
  git -c init.defaultBranch=main init -q "$source"
  git -C "$source" config user.name "tealhook example"
  git -C "$source" config user.email example@localhost
  git -C "$source" config commit.gpgsign false
}

# The next version's name is in $version.
# shellcheck disable=SC2034 # for the example, too
next_version() {
  [[ -d $source/.git ]] || make_source
  version=v$(($(git -C "$source" rev-list --all --count) + 1))
}

# The program of blue-green, which needs no base image, so that the image builds without any network.
put_program() {
  local program=$MACHINE_ROOT/examples/blue-green/app
  cp "$program"/{Dockerfile,.tealhook.yml} "$source"
  [[ $source/web -nt $program/web.cpp ]] || g++ -std=c++20 -O2 -static -s "$program/web.cpp" -o "$source/web"
}

# commit VERSION: all that is there.
commit() {
  git -C "$source" add --all
  git -C "$source" commit -q -m "Say $1"
}

# --- what is seen

# show COLOR KEY: what the app has there. The text of KEY follows that of its color.
show() {
  "$tealhook" app show "$app" --json | tr -d '\n' |
    sed -E "s/.*\"$1\": *\\{[^}]*\"$2\": *\"?([^\",}]*).*/\\1/"
}

# title_of URL
title_of() {
  curl -s -f --max-time 20 "$1" | sed -n 's:.*<title>\(.*\)</title>.*:\1:p'
}

# show_title URL
show_title() {
  echo "$1   $(title_of "$1")"
}

# visitors_come URL: two, who ask one request after the other until they are told to leave.
visitors_come() {
  local number
  rm -f "$state"/visitor-*
  visitors=()
  for number in 1 2; do
    visit "$1" "$state/visitor-$number" &
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

# --- what goes on, and ends

# start_daemon: tealhook serve, until end_daemon, also of another run.
start_daemon() {
  setsid "$tealhook" serve >"$state/serve.log" 2>&1 </dev/null &
  echo "$! $(machine_started $!)" >"$state/serve"
  await "the daemon" grep -q listens "$state/serve.log"
}

daemon_runs() {
  local pid started
  [[ -f $state/serve ]] && read -r pid started <"$state/serve" && [[ $(machine_started "$pid") == "$started" ]]
}

end_daemon() {
  local pid
  if daemon_runs; then
    read -r pid _ <"$state/serve"
    kill "$pid"
    while daemon_runs; do sleep 0.1; done
  fi
}

# remove_home SERVER...: the app, and registry and router where they were started. What cannot be removed goes with the
# engine's data, where the engine is the example's own.
remove_home() {
  local server
  if [[ -d $TEALHOOK_HOME/apps/$app ]]; then
    quietly machine_unless_busy "$tealhook" app remove "$app" --yes || engine_is_ours
  fi
  if [[ ! -f $TEALHOOK_HOME/tealhook.yml ]]; then return; fi
  for server in "$@"; do quietly "$tealhook" "$server" down || engine_is_ours; done
}

engine_is_ours() { [[ -f $state/engine/process ]]; }

# leave_nothing [FOLDER...]: these go, with source and home, and the engine if it is ours.
# shellcheck disable=SC2120 # some have none
leave_nothing() {
  if engine_is_ours; then machine_step "stopping the engine" machine_engine_down "$state"; fi
  rm -rf "$TEALHOOK_HOME" "$source" "$state"/serve{,.log} "$state"/visitor-* "$@"
  if [[ -d $state ]]; then rmdir --ignore-fail-on-non-empty "$state"; fi
  echo "nothing of the example is left"
}
