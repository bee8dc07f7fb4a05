#!/usr/bin/env bash
# The example of tags, as a newcomer runs it: a branch here, releases there, one refused, the way back, and no trace.
set -euo pipefail

example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../examples/tag-build-deploy" && pwd)
export TEALHOOK_EXAMPLE=/var/tmp/teal-tag-example-$$ TEALHOOK_EXAMPLE_APP=tags-$$
trap '"$example/run.sh" --down' EXIT

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

output=$("$example/run.sh" </dev/null)
expect "tags-$$ -> blue "
expect "tags-$$ -> heroku "
expect "remote: -----> Building [0-9a-f]{7}"
expect "heroku   http://localhost:[0-9]+/   tags-$$ v1$"
expect "heroku   http://localhost:[0-9]+/   tags-$$ v2$"
expect "there is no Procfile"
expect "FAILED in .*heroku still runs "
expect "^tags-$$ +heroku +live "
if [[ $(grep -c "heroku   http://localhost:[0-9]*/   tags-$$ v1$" <<<"$output") != 2 ]]; then
  printf 'heroku did not go back to v1:\n%s\n' "$output"
  exit 1
fi

"$example/run.sh" --down
trap - EXIT
if [[ -e $TEALHOOK_EXAMPLE ]] || docker ps --all --format '{{.Names}}' | grep "tags-$$"; then
  echo "the example left something behind"
  exit 1
fi
