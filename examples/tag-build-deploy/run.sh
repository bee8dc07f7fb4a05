#!/usr/bin/env bash
# From an empty machine to an app whose branch is run by the engine here, and whose release tags go to a Heroku-like remote:
# one that is taken, one that is refused, and the way back.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../tests/support/machine.sh
source "$here/../../tests/support/machine.sh"

state=${TEALHOOK_EXAMPLE:-/var/tmp/tealhook-tag-example}
app=${TEALHOOK_EXAMPLE_APP:-shop}
source=$state/source
heroku=$state/heroku.git
export TEALHOOK_HOME=$state/home
tealhook=$MACHINE_ROOT/build/release/bin/tealhook
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
  make_heroku
  make_home
  make_source

  say "a commit on main, to the engine here"
  commit "v1"
  push main
  show_page "blue" "$(blue_port)"

  say "a release, to heroku"
  git -C "$source" tag release-1
  push release-1
  show_page "heroku" "$heroku_port"

  say "another one"
  commit "v2"
  git -C "$source" tag release-2
  push main release-2
  show_page "blue" "$(blue_port)"
  show_page "heroku" "$heroku_port"

  say "one that heroku refuses"
  git -C "$source" rm -q Procfile
  commit "v3"
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

make_source() {
  git -c init.defaultBranch=main init -q "$source"
  git -C "$source" config user.name "tealhook example"
  git -C "$source" config user.email example@localhost
  git -C "$source" config commit.gpgsign false
  cp "$here"/app/{Dockerfile,Procfile} "$(command -v busybox)" "$source"
  mkdir "$source/www"
}

# commit VERSION: one that says it on its page.
commit() {
  echo "<title>$app $1</title>" >"$source/www/index.html"
  git -C "$source" add --all
  git -C "$source" commit -q -m "Say $1"
}

# What fails is shown, as to anybody who pushes: git has taken it.
push() {
  echo "\$ git push server $*"
  git -C "$source" push "$server" "$@" 2>&1
}

blue_port() {
  "$tealhook" app show "$app" --json | tr -d '\n' | sed -E 's/.*"blue": *\{[^}]*"port": *([0-9]*).*/\1/'
}

show_page() {
  echo "$1   http://localhost:$2/   $(curl -s -f "http://localhost:$2/" | sed -n 's:.*<title>\(.*\)</title>.*:\1:p')"
}

down() {
  if [[ -f $heroku/web.pid ]]; then
    local pid folder
    read -r pid folder <"$heroku/web.pid"
    if [[ $(readlink "/proc/$pid/cwd") == "$folder"* ]]; then kill "$pid"; fi
  fi
  if [[ -d $TEALHOOK_HOME/apps/$app ]]; then
    quietly machine_unless_busy "$tealhook" app remove "$app" --yes || [[ -f $state/engine/process ]]
  fi
  if [[ -f $TEALHOOK_HOME/tealhook.yml ]]; then quietly "$tealhook" registry down || [[ -f $state/engine/process ]]; fi
  if [[ -f $state/engine/process ]]; then machine_step "stopping the engine" machine_engine_down "$state"; fi
  rm -rf "$TEALHOOK_HOME" "$source" "$heroku"
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
