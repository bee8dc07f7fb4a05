#!/usr/bin/env bash
# The example of tags, as a newcomer runs it: a branch here, releases there, one refused, the way back, and no trace.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=support/example.sh
source "$(dirname "${BASH_SOURCE[0]}")/support/example.sh"
example_of tag-build-deploy tags

run_example
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

leaves_nothing containers_left
