#!/usr/bin/env bash
# From an empty machine to a web program that counts in redis, behind a proxy, and is told by buttons on its own page how
# many of it there are to be.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../tests/support/machine.sh
source "$here/../../tests/support/machine.sh"

state=${TEALHOOK_EXAMPLE:-/var/tmp/tealhook-scale}
app=${TEALHOOK_EXAMPLE_APP:-shop}
source=$state/source
export TEALHOOK_HOME=$state/home
tealhook=$MACHINE_ROOT/build/release/bin/tealhook

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook, starts a container engine if none answers, makes a home with HAProxy and an
app, runs redis beside it, pushes the app, and presses the buttons of its page.

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
  if [[ -d $state/home ]]; then
    echo "it is there already; stop and remove it first: $here/run.sh --down" >&2
    exit 1
  fi
  machine_packages build run example
  machine_build release hooks/all tools/all
  mkdir -p "$source"
  machine_engine_up "$state"
  start_redis
  make_home
  start_api
  give_token

  say "a push to live"
  push_version
  show_page 1
  say "three presses of 'spawn' on the page"
  for _ in 1 2 3; do press spawn; done
  await "4 replicas" replicas_are 4
  show_page 8
  say "tealhook status"
  "$tealhook" status "$app"
  say "two presses of 'destroy'"
  for _ in 1 2; do press destroy; done
  await "2 replicas" replicas_are 2
  say "another push: its number stays"
  push_version
  show_page 4
  "$tealhook" status "$app"
  say "go on"
  echo "press the buttons at $page, and remove it all with $here/run.sh --down"
}

# An image of Debian's redis and the libraries that it is linked with, and nothing else. The program is in redis-tools,
# which starts no server on this machine; it is what it is called as.
start_redis() {
  local folder=$state/redis library
  mkdir -p "$folder/bin"
  cp -L "$(command -v redis-check-rdb)" "$folder/bin/redis-server"
  for library in $(ldd "$folder/bin/redis-server" | grep -o '/[^ ]*'); do
    install -D "$library" "$folder$library"
  done
  printf '%s\n' 'FROM scratch' 'COPY . /' \
    'ENTRYPOINT ["/bin/redis-server", "--protected-mode", "no", "--save", ""]' >"$folder/Dockerfile"
  quietly docker build -q -t "$app-redis" "$folder"
  quietly docker network create "$app-data"
  quietly docker run -d --name "$app-redis" --network "$app-data" --restart unless-stopped "$app-redis"
}

make_home() {
  quietly "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "localhost:$(machine_free_port 5000)" --router haproxy
  quietly "$tealhook" registry up
  quietly "$tealhook" router up
  quietly "$tealhook" app create "$app" --live-port "$(machine_free_port 50200)"
  page=http://localhost:$("$tealhook" app show "$app" --json | tr -d '\n' | sed -E 's/.*"route.port"[^}]*"value": *"?([0-9]+).*/\1/')/
  sed -i "s|^run:\$|run:\n  networks: [$app-data]\n  env: {REDIS: $app-redis}|" "$TEALHOOK_HOME/apps/$app/app.yml"
}

# The API, at an address that only this machine and the containers beside redis reach.
start_api() {
  api=$(docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' "$app-data"):$(machine_free_port 8888)
  sed -i "s|#listen: 127.0.0.1:8888|listen: $api|" "$TEALHOOK_HOME/tealhook.yml"
  setsid "$tealhook" serve >"$state/serve.log" 2>&1 </dev/null &
  echo "$! $(machine_started "$!")" >"$state/serve.process"
  await "the API" api_answers
}

# The program may change its own app, and nothing else.
give_token() {
  "$tealhook" token add "$app-page" --app "$app" --can manage,read --json | grep -o '"token": *"[^"]*"' | cut -d'"' -f4 |
    quietly "$tealhook" env "$app" set API_TOKEN --later
  quietly "$tealhook" env "$app" set API="$api" --later
}

push_version() {
  local version
  [[ -d $source/.git ]] || make_source
  version=v$(($(git -C "$source" rev-list --all --count) + 1))
  echo "$version" >"$source/version"
  git -C "$source" add --all
  git -C "$source" commit -q -m "Say $version"
  echo "\$ git push live main"
  git -C "$source" push "$TEALHOOK_HOME/apps/$app/live.git" main 2>&1
}

make_source() {
  git -c init.defaultBranch=main init -q "$source"
  git -C "$source" config user.name "tealhook example"
  git -C "$source" config user.email example@localhost
  git -C "$source" config commit.gpgsign false
  cp "$here"/app/{Dockerfile,.tealhook.yml} "$source"
  g++ -std=c++20 -O2 -static -s "$here/app/web.cpp" -o "$source/web" -lresolv
}

# show_page TIMES
show_page() {
  local number
  for ((number = 0; number < $1; ++number)); do
    curl -s -f "$page" | sed -n "s|.*<title>\(.*\)</title>.*|$page   \1|p"
  done
}

press() {
  echo "$1: $(curl -s -f -X POST "$page$1" | grep -o '"replicas":[0-9]*')"
}

api_answers() { curl -s -f "http://$api/api/v1/openapi.json" >/dev/null; }
replicas_are() {
  local running
  running=$(docker ps --format '{{.Names}}' --filter "label=tealhook.app=$app" | grep -c -E "^$app-[a-z]+(\.[0-9]+)?$")
  ((running == $1))
}

# await WHAT CONDITION...
await() {
  local what=$1 deadline=$((SECONDS + 120))
  shift
  until "$@"; do
    if ((SECONDS > deadline)); then
      echo "error: waited in vain for $what" >&2
      cat "$state/serve.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

down() {
  local pid started
  if [[ -f $state/serve.process ]]; then
    read -r pid started <"$state/serve.process"
    if [[ $(machine_started "$pid") == "$started" ]]; then kill "$pid"; fi
  fi
  if [[ -d $TEALHOOK_HOME/apps/$app ]]; then
    quietly machine_unless_busy "$tealhook" app remove "$app" --yes || [[ -f $state/engine/process ]]
  fi
  if [[ -f $TEALHOOK_HOME/tealhook.yml ]]; then
    quietly "$tealhook" router down || true
    quietly "$tealhook" registry down || [[ -f $state/engine/process ]]
  fi
  if [[ -f $state/engine/process ]]; then
    machine_step "stopping the engine" machine_engine_down "$state"
  elif [[ -d $state ]]; then
    docker rm -f "$app-redis" >/dev/null 2>&1 || true
    docker network rm "$app-data" >/dev/null 2>&1 || true
    docker rmi "$app-redis" >/dev/null 2>&1 || true
  fi
  rm -rf "$TEALHOOK_HOME" "$source" "$state/redis" "$state"/serve.{log,process}
  if [[ -d $state ]]; then rmdir --ignore-fail-on-non-empty "$state"; fi
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
