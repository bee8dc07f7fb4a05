#!/usr/bin/env bash
# The example of replicas, as a newcomer runs it: from nothing to four and back to two, the next version, and no trace.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=support/example.sh
source "$(dirname "${BASH_SOURCE[0]}")/support/example.sh"
example_of scale scale

run_example
expect "1 visits, answered by replica 1 of blue v1$"
for replica in 1 2 3 4; do expect "[0-9]+ visits, answered by replica $replica of blue v1$"; done
expect '^spawn: "replicas":4$'
expect '^destroy: "replicas":2$'
expect "^scale-$$ +blue \(live\) +running 4/4 +healthy"
for replica in 1 2; do expect "[0-9]+ visits, answered by replica $replica of green v2$"; done
expect "^scale-$$ +green \(live\) +running 2/2 +healthy"

leaves_nothing containers_left
