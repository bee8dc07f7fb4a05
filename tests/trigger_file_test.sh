#!/usr/bin/env bash
# The example of trigger files, as a newcomer runs it: from nothing to a deployment by a webhook, once more from another
# folder, and down without a trace.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=support/example.sh
source "$(dirname "${BASH_SOURCE[0]}")/support/example.sh"
example_of trigger-file trigger
export TEALHOOK_EXAMPLE_BUILD_TYPE=None

run_example
expect "trigger-$$ blue v1 [0-9a-f]{7}$"
expect '"status":"accepted"'
expect "trigger-$$ blue v2 [0-9a-f]{7}$"
expect "source:drop"
docker run --rm --entrypoint /bin/tealhook "tealhook-receive-trigger-$$" --version
[[ $(docker inspect --format '{{.Config.User}}' "tealhook-receive-trigger-$$") == 65532:65532 ]]

cd /
run_example
expect "trigger-$$ blue v3 [0-9a-f]{7}$"

left() { containers_left || docker images --format '{{.Repository}}' | grep "$TEALHOOK_EXAMPLE_APP"; }
leaves_nothing left
