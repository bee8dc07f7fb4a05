#!/usr/bin/env bash
# The observer's example, as a newcomer runs it: from nothing to a push that is deployed and reported, again, and down
# without a trace.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=support/example.sh
source "$(dirname "${BASH_SOURCE[0]}")/support/example.sh"
example_of observer observer

for version in v1 v2; do
  run_example
  expect "delivered: 202 *$"
  expect "^status [0-9a-f]{7} tealhook/observer-$$/idle success deployment [0-9]+ to idle: http"
  expect "^deployment [0-9a-f]{7} idle in_progress success$"
  expect "observer-$$ (blue|green) $version [0-9a-f]{7}$"
  expect "^no webhook is left at the forge$"
done

leaves_nothing containers_left
