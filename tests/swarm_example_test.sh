#!/usr/bin/env bash
# The example of a Swarm, as a newcomer runs it: three engines, one stopped while people ask, the way back, and no trace.
set -euo pipefail

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/swarm" && pwd)
export TEALHOOK_EXAMPLE=/var/tmp/teal-swarm-example-$$ TEALHOOK_EXAMPLE_APP=swarm-$$
trap '"$example/run.sh" --down' EXIT

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

output=$("$example/run.sh" </dev/null)
expect "tealhook-swarm-$$-[a-z]*-1, 3 replicas"
expect "swarm-$$ [a-z]* v1 [0-9a-f]{7}$"
expect "swarm-$$ [a-z]* v2 [0-9a-f]{7}$"
expect "   node3   Running"
expect "requests [0-9]+, failed 0$"

"$example/run.sh" --down
trap - EXIT
if [[ -e $TEALHOOK_EXAMPLE ]] || ip link show teal-swarm 2>/dev/null; then
  echo "the example left something behind"
  exit 1
fi
