#!/usr/bin/env bash
# From an empty machine to two linked containers of one app: a writer, which serves the file that it keeps writing over a
# socket, and a page that fetches it with each request.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../tests/support/machine.sh
source "$here/../../tests/support/machine.sh"

state=${TEALHOOK_EXAMPLE:-/var/tmp/tealhook-file-io}
app=${TEALHOOK_EXAMPLE_APP:-lines}
source=$state/source
export TEALHOOK_HOME=$state/home
tealhook=$MACHINE_ROOT/build/release/bin/tealhook

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

main() {
  case ${1-} in
    '') up ;;
    --down) down ;;
    --help | -h) usage ;;
    *) usage >&2 && exit 2 ;;
  esac
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
  await_line 3
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
  [[ -d $source/.git ]] || make_source
  version=v$(($(git -C "$source" rev-list --all --count) + 1))
  cp -r "$here"/app/. "$source"
  echo "$version" >"$source/root/version"
  copy_programs "$source/root"
  git -C "$source" add --all
  git -C "$source" commit -q -m "Say $version"
  say "\$ git push blue main"
  git -C "$source" push "$TEALHOOK_HOME/apps/$app/blue.git" main 2>&1
}

make_source() {
  git -c init.defaultBranch=main init -q "$source"
  git -C "$source" config user.name "tealhook example"
  git -C "$source" config user.email example@localhost
  git -C "$source" config commit.gpgsign false
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

show_page() {
  url=http://localhost:$("$tealhook" app show "$app" --json | tr -d '\n' |
    sed -E 's/.*"blue": *\{[^}]*"port": *([0-9]*).*/\1/')/
  echo "$url"
  page | tail -n 3 | sed 's/^/  /'
}

# await_line NUMBER: until the page has it.
await_line() {
  local deadline=$((SECONDS + 60))
  until page | grep -q -x "$version line $1"; do
    if ((SECONDS > deadline)); then
      echo "error: the file does not grow" >&2
      return 1
    fi
    sleep 0.2
  done
}

down() {
  if [[ -d $TEALHOOK_HOME/apps/$app ]]; then
    quietly machine_unless_busy "$tealhook" app remove "$app" --yes || [[ -f $state/engine/process ]]
  fi
  if [[ -f $TEALHOOK_HOME/tealhook.yml ]]; then quietly "$tealhook" registry down || [[ -f $state/engine/process ]]; fi
  if [[ -f $state/engine/process ]]; then machine_step "stopping the engine" machine_engine_down "$state"; fi
  rm -rf "$TEALHOOK_HOME" "$source"
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
