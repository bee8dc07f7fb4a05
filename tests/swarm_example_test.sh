#!/usr/bin/env bash
# The example of a Swarm, as a newcomer runs it: three engines, one stopped while people ask, the way back, and no trace.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=support/example.sh
source "$(dirname "${BASH_SOURCE[0]}")/support/example.sh"
example_of swarm swarm

run_example
expect "tealhook-swarm-$$-[a-z]*-1, 3 replicas"
expect "swarm-$$ [a-z]* v1 [0-9a-f]{7}$"
expect "swarm-$$ [a-z]* v2 [0-9a-f]{7}$"
expect "   node3   Running"
expect "requests [0-9]+, failed 0$"

leaves_nothing ip link show teal-swarm
