#!/usr/bin/env bash
# From an empty machine to two linked containers of one app: a writer, which serves the file that it keeps writing over a
# socket, and a page that fetches it with each request.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../example.sh
source "$(dirname "${BASH_SOURCE[0]}")/../example.sh"
example_in tealhook-file-io lines

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook, starts a container engine if none answers, makes a home and an app of two
containers, pushes it, and shows the page twice, so that the file is seen to grow.
Run it again to push the next version.

  --down   stop and remove all that it started and made

All of it lies in one folder, $state (\$TEALHOOK_EXAMPLE names another).
END
}

up() {
  machine_packages build run sockets
  machine_build release hooks/all tools/all
  mkdir -p "$source"
  machine_engine_up "$state"
  make_home
  push_version
  say "what the page has, now and two lines later"
  show_page
  await "the file to grow" page_has_line 3
  show_page
  say "tealhook status"
  "$tealhook" status "$app"
  printf '\npush the next version with\n  %s\nstop it all with\n  %s\n' "$here/run.sh" "$here/run.sh --down"
}

# Not at the registry's usual port if that is taken: it may be another home's.
make_home() {
  if [[ ! -f $TEALHOOK_HOME/tealhook.yml ]]; then
    quietly "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "localhost:$(machine_free_port 5000)" --router none
  fi
  quietly "$tealhook" registry up
  if [[ ! -d $TEALHOOK_HOME/apps/$app ]]; then quietly "$tealhook" app create "$app"; fi
}

push_version() {
  next_version
  cp -r "$here"/app/. "$source"
  echo "$version" >"$source/root/version"
  copy_programs "$source/root"
  commit "$version"
  say "\$ git push blue main"
  git -C "$source" push "$TEALHOOK_HOME/apps/$app/blue.git" main 2>&1
}

# The image is made of nothing but this: no other has to be pulled.
copy_programs() {
  local root=$1 socat library
  socat=$(command -v socat)
  mkdir -p "$root/bin"
  cp "$(command -v busybox)" "$root/bin/busybox"
  cp "$socat" "$root/usr/bin/socat"
  for library in $(ldd "$socat" | grep -o '/[^ ]*'); do
    mkdir -p "$root${library%/*}"
    cp -L "$library" "$root$library"
  done
}

page() { curl -s -f "$url"; }
page_has_line() { page | grep -q -x "$version line $1"; }

show_page() {
  url=http://localhost:$(show blue port)/
  echo "$url"
  page | tail -n 3 | sed 's/^/  /'
}

down() {
  remove_home registry
  leave_nothing
}

run_example "$@"
