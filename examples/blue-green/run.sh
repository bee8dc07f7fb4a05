#!/usr/bin/env bash
# From an empty machine to both colors of a small web program answering, each deployed by a git push, and to live traffic
# moved between them while people ask for the page.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../example.sh
source "$(dirname "${BASH_SOURCE[0]}")/../example.sh"
example_in tealhook-example shop

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
  visitors_come "http://localhost:$(show live port)/"
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
  local version
  next_version
  put_program
  echo "$version" >"$source/version"
  commit "$version"
  echo "\$ git push $1 main"
  git -C "$source" push "$(show "$1" repository)" main 2>&1
}

show_page() {
  show_title "http://localhost:$(show "$1" port)/"
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
  $here/run.sh
and stop it all with
  $here/run.sh --down
END
}

down() {
  remove_home router registry
  leave_nothing
}

run_example "$@"
