#!/usr/bin/env bash
# The example of a service that follows its repository, as a newcomer runs it: twice, with a version that fails, and no trace.
set -euo pipefail

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/pull-deploy" && pwd)
export TEALHOOK_EXAMPLE=/var/tmp/teal-pull-$$ TEALHOOK_EXAMPLE_USER=tealpull$$
trap '"$example/run.sh" --down' EXIT

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

for versions in "1 2" "4 5"; do
  output=$("$example/run.sh" </dev/null)
  expect "^http://127.0.0.1:[0-9]+/   shop v${versions% *}$"
  [[ $(expect "^http://127.0.0.1:[0-9]+/   shop v${versions#* }$" | wc -l) == 2 ]] # also after the one that fails
  expect "site +failed +[0-9a-f]{7} "
  expect "^  NOPASSWD: /usr/bin/sv restart $TEALHOOK_EXAMPLE/service/shop$"
  expect "^  sv down: sudo: a password is required$"
  expect "^  git push by the deploy key: refused$"
  expect "shop.log.1$"
  expect "nginx-access.log$" # made anew, and written to
  if pgrep -f "$TEALHOOK_EXAMPLE" >/dev/null; then
    echo "the example left something running:"
    pgrep -a -f "$TEALHOOK_EXAMPLE"
    exit 1
  fi
done

"$example/run.sh" --down
trap - EXIT
if [[ -e $TEALHOOK_EXAMPLE || -e /etc/sudoers.d/$TEALHOOK_EXAMPLE_USER ]] || grep "^$TEALHOOK_EXAMPLE_USER" /etc/passwd; then
  echo "the example left something behind"
  exit 1
fi
