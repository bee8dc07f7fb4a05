#!/usr/bin/env bash
# The example, as a newcomer runs it: from nothing to both colors, again from another folder, and down without a trace.
set -euo pipefail

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/blue-green" && pwd)
export TEALHOOK_EXAMPLE=/var/tmp/teal-example-$$ TEALHOOK_EXAMPLE_APP=example-$$
trap '"$example/run.sh" --down' EXIT

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

output=$("$example/run.sh" </dev/null)
expect "example-$$ blue v1 [0-9a-f]{7}$"
expect "example-$$ green v2 [0-9a-f]{7}$"
expect "example-$$ green v3 [0-9a-f]{7}$"
expect "requests [0-9]+, failed 0$"

cd /
output=$("$example/run.sh" </dev/null)
expect "example-$$ blue v4 [0-9a-f]{7}$"
expect "example-$$ green v5 [0-9a-f]{7}$"
expect "requests [0-9]+, failed 0$"

"$example/run.sh" --down
trap - EXIT
if [[ -e $TEALHOOK_EXAMPLE ]] || docker ps --all --format '{{.Names}}' | grep "example-$$"; then
  echo "the example left something behind"
  exit 1
fi
