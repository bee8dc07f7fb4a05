#!/usr/bin/env bash
# From an empty machine to a web program that counts in redis, behind a proxy, and is told by buttons on its own page how
# many of it there are to be.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../example.sh
source "$(dirname "${BASH_SOURCE[0]}")/../example.sh"
example_in tealhook-scale shop

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook, starts a container engine if none answers, makes a home with HAProxy and an
app, runs redis beside it, pushes the app, and presses the buttons of its page.

  --down   stop and remove all that it started and made

All of it lies in one folder, $state (\$TEALHOOK_EXAMPLE names another).
END
}

up() {
  require_none_there
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
  quietly "$tealhook" app create "$app"
  page=http://localhost:$(show live port)/
  sed -i "s|^run:\$|run:\n  networks: [$app-data]\n  env: {REDIS: $app-redis}|" "$TEALHOOK_HOME/apps/$app/app.yml"
}

# The API, at an address that only this machine and the containers beside redis reach.
start_api() {
  api=$(docker network inspect -f '{{(index .IPAM.Config 0).Gateway}}' "$app-data"):$(machine_free_port 8888)
  sed -i "s|#listen: 127.0.0.1:8888|listen: $api|" "$TEALHOOK_HOME/tealhook.yml"
  start_daemon
}

# The program may change its own app, and nothing else.
give_token() {
  "$tealhook" token add "$app-page" --app "$app" --can manage,read --json | grep -o '"token": *"[^"]*"' | cut -d'"' -f4 |
    quietly "$tealhook" env "$app" set API_TOKEN --later
  quietly "$tealhook" env "$app" set API="$api" --later
}

push_version() {
  local version
  next_version
  cp "$here"/app/{Dockerfile,.tealhook.yml} "$source"
  [[ -x $source/web ]] || g++ -std=c++20 -O2 -static -s "$here/app/web.cpp" -o "$source/web" -lresolv
  echo "$version" >"$source/version"
  commit "$version"
  echo "\$ git push live main"
  git -C "$source" push "$TEALHOOK_HOME/apps/$app/live.git" main 2>&1
}

# show_page TIMES
show_page() {
  local number
  for ((number = 0; number < $1; ++number)); do show_title "$page"; done
}

press() {
  echo "$1: $(curl -s -f -X POST "$page$1" | grep -o '"replicas":[0-9]*')"
}

replicas_are() {
  local running
  running=$(docker ps --format '{{.Names}}' --filter "label=tealhook.app=$app" | grep -c -E "^$app-[a-z]+(\.[0-9]+)?$")
  ((running == $1))
}

down() {
  end_daemon
  remove_home router registry
  if ! engine_is_ours && [[ -d $state ]]; then
    docker rm -f "$app-redis" >/dev/null 2>&1 || true
    docker network rm "$app-data" >/dev/null 2>&1 || true
    docker rmi "$app-redis" >/dev/null 2>&1 || true
  fi
  leave_nothing "$state/redis"
}

run_example "$@"
