#!/usr/bin/env bash
# The example of a service that follows its repository, as a newcomer runs it: twice, with a version that fails, and no trace.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=support/example.sh
source "$(dirname "${BASH_SOURCE[0]}")/support/example.sh"
example_of pull-deploy tealpull
export TEALHOOK_EXAMPLE_USER=tealpull$$ TEALHOOK_EXAMPLE_APP=shop

for versions in "1 2" "4 5"; do
  run_example
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

users_left() { [[ -e /etc/sudoers.d/$TEALHOOK_EXAMPLE_USER ]] || grep "^$TEALHOOK_EXAMPLE_USER" /etc/passwd; }
leaves_nothing users_left
