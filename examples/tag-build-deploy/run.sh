#!/usr/bin/env bash
# From an empty machine to an app whose branch is run by the engine here, and whose release tags go to a Heroku-like remote:
# one that is taken, one that is refused, and the way back.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../example.sh
source "$(dirname "${BASH_SOURCE[0]}")/../example.sh"
example_in tealhook-tag-example shop
heroku=$state/heroku.git
server=$TEALHOOK_HOME/apps/$app/blue.git

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook, starts a container engine if none answers, makes a home, an app and a
Heroku-like remote, and pushes a branch and tags.

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
  make_heroku
  make_home
  make_source
  cp "$here"/app/{Dockerfile,Procfile} "$(command -v busybox)" "$source"
  mkdir "$source/www"

  say "a commit on main, to the engine here"
  say_on_page "v1"
  push main
  show_page "blue" "$(show blue port)"

  say "a release, to heroku"
  git -C "$source" tag release-1
  push release-1
  show_page "heroku" "$heroku_port"

  say "another one"
  say_on_page "v2"
  git -C "$source" tag release-2
  push main release-2
  show_page "blue" "$(show blue port)"
  show_page "heroku" "$heroku_port"

  say "one that heroku refuses"
  git -C "$source" rm -q Procfile
  say_on_page "v3"
  git -C "$source" tag release-3
  push release-3
  show_page "heroku" "$heroku_port"

  say "and back"
  echo "\$ tealhook rollback $app --target heroku"
  "$tealhook" rollback "$app" --target heroku
  show_page "heroku" "$heroku_port"

  say "tealhook status"
  "$tealhook" status "$app"
  say "tealhook history"
  "$tealhook" history "$app"
  printf '\nStop it all with\n  %s\n' "$here/run.sh --down"
}

make_heroku() {
  heroku_port=$(machine_free_port 5400)
  git -c init.defaultBranch=main init -q --bare "$heroku"
  git -C "$heroku" config heroku.port "$heroku_port"
  cp "$here/heroku-receive" "$heroku/hooks/pre-receive"
}

make_home() {
  quietly "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "localhost:$(machine_free_port 5000)"
  quietly "$tealhook" registry up
  quietly "$tealhook" app create "$app"
  cat >>"$TEALHOOK_HOME/apps/$app/app.yml" <<END
rules:
  - {branch: main, deploy: blue}
  - {tag: "release-*", deploy: heroku}
targets:
  heroku: {kind: git, url: $heroku, branch: main, health: {url: "http://localhost:$heroku_port/"}}
END
}

# say_on_page VERSION: and commit that.
say_on_page() {
  echo "<title>$app $1</title>" >"$source/www/index.html"
  commit "$1"
}

# What fails is shown, as to anybody who pushes: git has taken it.
push() {
  echo "\$ git push server $*"
  git -C "$source" push "$server" "$@" 2>&1
}

show_page() {
  echo "$1   $(show_title "http://localhost:$2/")"
}

down() {
  local pid folder
  if [[ -f $heroku/web.pid ]]; then
    read -r pid folder <"$heroku/web.pid"
    if [[ $(readlink "/proc/$pid/cwd") == "$folder"* ]]; then kill "$pid"; fi
  fi
  remove_home registry
  leave_nothing "$heroku"
}

run_example "$@"
