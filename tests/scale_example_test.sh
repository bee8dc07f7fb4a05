#!/usr/bin/env bash
# The example of replicas, as a newcomer runs it: from nothing to four and back to two, the next version, and no trace.
set -euo pipefail

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/scale" && pwd)
export TEALHOOK_EXAMPLE=/var/tmp/teal-scale-example-$$ TEALHOOK_EXAMPLE_APP=scale-$$
trap '"$example/run.sh" --down' EXIT

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

output=$("$example/run.sh" </dev/null)
expect "1 visits, answered by replica 1 of blue v1$"
for replica in 1 2 3 4; do expect "[0-9]+ visits, answered by replica $replica of blue v1$"; done
expect '^spawn: "replicas":4$'
expect '^destroy: "replicas":2$'
expect "^scale-$$ +blue \(live\) +running 4/4 +healthy"
for replica in 1 2; do expect "[0-9]+ visits, answered by replica $replica of green v2$"; done
expect "^scale-$$ +green \(live\) +running 2/2 +healthy"

"$example/run.sh" --down
trap - EXIT
if [[ -e $TEALHOOK_EXAMPLE ]] || docker ps --all --format '{{.Names}}' | grep "scale-$$"; then
  echo "the example left something behind"
  exit 1
fi
