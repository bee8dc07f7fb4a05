#!/usr/bin/env bash
# The example of trigger files, as a newcomer runs it: from nothing to a deployment by a webhook, once more from another
# folder, and down without a trace.
set -euo pipefail

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/trigger-file" && pwd)
export TEALHOOK_EXAMPLE=/var/tmp/teal-trigger-$$ TEALHOOK_EXAMPLE_APP=trigger-$$ TEALHOOK_EXAMPLE_BUILD_TYPE=Debug
trap '"$example/run.sh" --down' EXIT

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

output=$("$example/run.sh" </dev/null)
expect "trigger-$$ blue v1 [0-9a-f]{7}$"
expect '"status":"accepted"'
expect "trigger-$$ blue v2 [0-9a-f]{7}$"
expect "source:drop"
docker run --rm --entrypoint /bin/tealhook "tealhook-receive-trigger-$$" --version
[[ $(docker inspect --format '{{.Config.User}}' "tealhook-receive-trigger-$$") == 65532:65532 ]]

cd /
output=$("$example/run.sh" </dev/null)
expect "trigger-$$ blue v3 [0-9a-f]{7}$"

"$example/run.sh" --down
trap - EXIT
if [[ -e $TEALHOOK_EXAMPLE ]] || docker ps --all --format '{{.Names}}' | grep "trigger-$$" ||
  docker images --format '{{.Repository}}' | grep "trigger-$$"; then
  echo "the example left something behind"
  exit 1
fi
