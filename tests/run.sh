#!/usr/bin/env bash
# All tests, from an empty machine: installs what is missing, builds, starts an engine if none answers, and ends what it
# started. The last lines are ctest's.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=support/machine.sh
source "$here/support/machine.sh"

usage() {
  cat <<END
usage: tests/run.sh [--quick | --bench]

As released, the unit tests and the example; then, with sanitizers, the unit tests again and the integration tests, and
beside these the sources' format and clang-tidy.

  --quick   only the unit tests, as released
  --bench   only the bench's table, whose own options may follow
END
}

main() {
  case ${1-} in
    '') all ;;
    --quick) quick ;;
    --bench) exec "$here/bench/run.sh" "${@:2}" ;;
    --help | -h) usage ;;
    *) usage >&2 && exit 2 ;;
  esac
}

all() {
  state=$(mktemp -d /var/tmp/teal-tests.XXXXXX)
  machine_at_end stop
  machine_packages build run unit test
  machine_build release
  machine_build asan
  machine_engine_up "$state"
  machine_step "testing release" run_tests release -L 'unit|example'
  run_tests asan
}

quick() {
  machine_packages build unit
  machine_build release
  run_tests release -L unit
}

run_tests() {
  ctest --test-dir "$MACHINE_ROOT/build/$1" --parallel "$(nproc)" --output-on-failure "${@:2}"
}

stop() {
  machine_engine_down "$state"
  rm -rf "$state"
}

main "$@"
