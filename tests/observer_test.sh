#!/usr/bin/env bash
# The observer's example, as a newcomer runs it: from nothing to a push that is deployed and reported, again, and down
# without a trace.
set -euo pipefail

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/observer" && pwd)
export TEALHOOK_EXAMPLE=/var/tmp/teal-observer-$$ TEALHOOK_EXAMPLE_APP=observer-$$
trap '"$example/run.sh" --down' EXIT

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

for version in v1 v2; do
  output=$("$example/run.sh" </dev/null)
  expect "delivered: 202 *$"
  expect "^status [0-9a-f]{7} tealhook/observer-$$/idle success deployment [0-9]+ to idle: http"
  expect "^deployment [0-9a-f]{7} idle in_progress success$"
  expect "observer-$$ (blue|green) $version [0-9a-f]{7}$"
  expect "^no webhook is left at the forge$"
done

"$example/run.sh" --down
trap - EXIT
if [[ -e $TEALHOOK_EXAMPLE ]] || docker ps --all --format '{{.Names}}' | grep "observer-$$"; then
  echo "the example left something behind"
  exit 1
fi
