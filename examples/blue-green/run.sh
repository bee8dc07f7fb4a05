#!/usr/bin/env bash
# From an empty machine to both colors of a small web program answering, each deployed by a git push, and to live traffic
# moved between them while people ask for the page.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../tests/support/machine.sh
source "$here/../../tests/support/machine.sh"

state=${TEALHOOK_EXAMPLE:-/var/tmp/tealhook-example}
app=${TEALHOOK_EXAMPLE_APP:-shop}
source=$state/source
export TEALHOOK_HOME=$state/home
tealhook=$MACHINE_ROOT/build/release/bin/tealhook
self=$here/run.sh

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook, starts a container engine if none answers, makes a home and an app,
and pushes one version of a web program to blue, the next to green and a third to live, with visitors asking all the time.
Run it again to push three more versions.

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
  machine_packages build run
  machine_build release hooks/all tools/all
  mkdir -p "$source"
  machine_engine_up "$state"
  make_home
  say "a version to each color"
  push_version blue
  push_version green
  say "both answer"
  show_page blue
  show_page green
  say "live traffic"
  "$tealhook" switch "$app" blue
  visitors_come
  push_version live
  "$tealhook" switch "$app"
  "$tealhook" rollback "$app"
  show_page live
  visitors_leave
  say "tealhook status"
  "$tealhook" status
  tell_how_to_go_on
}

# Not at the registry's usual port if that is taken: it may be another home's.
make_home() {
  if [[ ! -f $TEALHOOK_HOME/tealhook.yml ]]; then
    quietly "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "localhost:$(machine_free_port 5000)" --router haproxy
  fi
  quietly "$tealhook" registry up
  quietly "$tealhook" router up
  if [[ ! -d $TEALHOOK_HOME/apps/$app ]]; then quietly "$tealhook" app create "$app"; fi
}

push_version() {
  local color=$1 version
  [[ -d $source/.git ]] || make_source
  version=v$(($(git -C "$source" rev-list --all --count) + 1))
  cp "$here"/app/{Dockerfile,.tealhook.yml} "$source"
  compile_web
  echo "$version" >"$source/version"
  git -C "$source" add --all
  git -C "$source" commit -q -m "Say $version"
  echo "\$ git push $color main"
  git -C "$source" push "$(show "$color" repository)" main 2>&1
}

make_source() {
  git -c init.defaultBranch=main init -q "$source"
  git -C "$source" config user.name "tealhook example"
  git -C "$source" config user.email example@localhost
  git -C "$source" config commit.gpgsign false
}

# A program that needs no base image, so that the image builds without any network.
compile_web() {
  [[ $source/web -nt $here/app/web.cpp ]] || g++ -std=c++20 -O2 -static -s "$here/app/web.cpp" -o "$source/web"
}

# show COLOR KEY: what the app has there. The text of KEY follows that of its color.
show() {
  "$tealhook" app show "$app" --json | tr -d '\n' |
    sed -E "s/.*\"$1\": *\\{[^}]*\"$2\": *\"?([^\",}]*).*/\\1/"
}

show_page() {
  local url
  url=http://localhost:$(show "$1" port)/
  echo "$url   $(curl -s -f "$url" | sed -n 's:.*<title>\(.*\)</title>.*:\1:p')"
}

# Two visitors, who ask the live port one request after the other until they are told to leave.
visitors_come() {
  local url number
  url=http://localhost:$(show live port)/
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
    curl -s -f -o /dev/null --max-time 5 "$1" || failed=$((failed + 1))
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

tell_how_to_go_on() {
  say "go on"
  cat <<END
Change something and push it:
  echo mine >$source/version
  git -C $source commit -a -m "Try it"
  git -C $source push $(show live repository) main
  TEALHOOK_HOME=$TEALHOOK_HOME $tealhook history $app
or push the next three versions with
  $self
and stop it all with
  $self --down
END
}

down() {
  if [[ -f $state/engine/process ]]; then
    remove_home || true # its containers and images go with the engine's data
    machine_step "stopping the engine" machine_engine_down "$state"
  elif [[ -d $TEALHOOK_HOME ]]; then
    remove_home
  fi
  rm -rf "$TEALHOOK_HOME" "$source"
  if [[ -d $state ]]; then rmdir --ignore-fail-on-non-empty "$state"; fi
  echo "nothing of the example is left"
}

remove_home() {
  if [[ -d $TEALHOOK_HOME/apps/$app ]]; then
    quietly machine_unless_busy "$tealhook" app remove "$app" --yes
  fi && quietly "$tealhook" router down && quietly "$tealhook" registry down
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
