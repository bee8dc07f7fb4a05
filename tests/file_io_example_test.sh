#!/usr/bin/env bash
# The example of two linked containers, as a newcomer runs it: the file grows behind the page, a second version takes over,
# and no trace.
set -euo pipefail

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/file-io" && pwd)
export TEALHOOK_EXAMPLE=/var/tmp/teal-file-io-$$ TEALHOOK_EXAMPLE_APP=lines-$$
trap '"$example/run.sh" --down' EXIT

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

for version in v1 v2; do
  output=$("$example/run.sh" </dev/null)
  expect "lines-$$ -> blue "
  expect "^  $version line 3$"
  [[ $(docker ps --format '{{.Names}}' | grep -c -x -E "lines-$$-blue(.writer)?") == 2 ]]
done

"$example/run.sh" --down
trap - EXIT
if [[ -e $TEALHOOK_EXAMPLE ]] || docker ps --all --format '{{.Names}}' | grep "lines-$$"; then
  echo "the example left something behind"
  exit 1
fi
