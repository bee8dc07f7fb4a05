#!/usr/bin/env bash
# All tests, from an empty machine: installs what is missing, builds, makes hosts for the tests to run in, and ends what
# it started. The last lines are ctest's.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=support/machine.sh
source "$here/support/machine.sh"

usage() {
  cat <<END
usage: tests/run.sh [--quick | --matrix | --bench]

As released, the examples and a sample of the kill matrix; the unit tests of what has threads with the thread sanitizer;
then all unit and integration tests with the address sanitizer, and beside them the sources' format and clang-tidy.

  --quick   only the unit tests, as released
  --matrix  only the kill matrix, for 45 minutes: every path with every fault, and its table; options may follow
  --bench   only the bench's table, whose own options may follow
END
}

main() {
  case ${1-} in
    '') all ;;
    --quick) quick ;;
    --matrix) matrix "${@:2}" ;;
    --bench) exec "$here/bench/run.sh" "${@:2}" ;;
    --help | -h) usage ;;
    *) usage >&2 && exit 2 ;;
  esac
}

# Integration tests wait most of their time.
readonly hosts=3

all() {
  state=$(mktemp -d /var/tmp/teal-tests.XXXXXX)
  machine_at_end stop
  machine_packages build run example swarm unit test
  machine_build release hooks/all tools/all matrix
  machine_build asan
  machine_build tsan unit_tests
  hosts_up
  run_tests release -L 'matrix|example'
  run_tests tsan -L unit
  run_tests asan
}

# As root, in hosts of the tests' own, several at once; else one by one, with the engine that this host has.
hosts_up() {
  local number ids=()
  if ((EUID != 0)); then
    machine_engine_up "$state"
    return
  fi
  export TEAL_TEST_HOSTS=$state/hosts
  for ((number = 1; number <= hosts; ++number)); do
    "$here/support/private_host.sh" up "$TEAL_TEST_HOSTS/$number"
    ids+=("{\"id\": \"$number\", \"slots\": 1}")
  done
  printf '{"version": {"major": 1, "minor": 0}, "local": [{"hosts": [%s]}]}\n' "$(IFS=,; echo "${ids[*]}")" \
    >"$state/resources.json"
}

quick() {
  machine_packages build unit
  machine_build release
  run_tests release -L unit
}

matrix() {
  machine_packages build run unit test
  machine_build release matrix
  "$here/matrix/run.sh" "$@"
}

# It has failed, too, if a sanitizer has anything to say of a unit test or of what that started; integration tests look
# for themselves.
run_tests() {
  local reports status=0
  reports=$(mktemp -d)
  ASAN_OPTIONS=handle_sigill=1:log_path=$reports/asan \
    ctest --test-dir "$MACHINE_ROOT/build/$1" --parallel $((hosts + 1)) --output-on-failure "${@:2}" \
    ${TEAL_TEST_HOSTS+--resource-spec-file "$state/resources.json"} || status=$?
  if grep -rh . "$reports"; then status=1; fi
  rm -r "$reports"
  return "$status"
}

stop() {
  local folder
  for folder in "$state"/hosts/*/; do
    if [[ -d $folder ]]; then "$here/support/private_host.sh" down "$folder"; fi
  done
  machine_engine_down "$state"
  rm -rf "$state"
}

main "$@"
