#!/usr/bin/env bash
# The example of two linked containers, as a newcomer runs it: the file grows behind the page, a second version takes over,
# and no trace.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=support/example.sh
source "$(dirname "${BASH_SOURCE[0]}")/support/example.sh"
example_of file-io lines

for version in v1 v2; do
  run_example
  expect "lines-$$ -> blue "
  expect "^  $version line 3$"
  output=$(docker ps --format '{{.Names}}')
  expect "^lines-$$-blue$"
  expect "^lines-$$-blue.writer$"
done

leaves_nothing containers_left
