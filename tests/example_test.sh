#!/usr/bin/env bash
# The example, as a newcomer runs it: from nothing to both colors, again from another folder, and down without a trace.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=support/example.sh
source "$(dirname "${BASH_SOURCE[0]}")/support/example.sh"
example_of blue-green example

run_example
expect "example-$$ blue v1 [0-9a-f]{7}$"
expect "example-$$ green v2 [0-9a-f]{7}$"
expect "example-$$ green v3 [0-9a-f]{7}$"
expect "requests [0-9]+, failed 0$"

cd /
run_example
expect "example-$$ blue v4 [0-9a-f]{7}$"
expect "example-$$ green v5 [0-9a-f]{7}$"
expect "requests [0-9]+, failed 0$"

leaves_nothing containers_left
