# An example as a test's subject: run as a newcomer runs it, gone without a trace. The test is sourced into this shell.
# shellcheck shell=bash

# example_of FOLDER NAME: the one of examples/FOLDER, in a place and as an app of this test's own.
example_of() {
  example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../examples/$1" && pwd)
  export TEALHOOK_EXAMPLE=/var/tmp/teal-$2-$$ TEALHOOK_EXAMPLE_APP=$2-$$
  trap '"$example/run.sh" --down' EXIT
}

# What it says is in $output.
run_example() {
  output=$("$example/run.sh" </dev/null) || {
    printf 'the example failed:\n%s\n' "$output"
    exit 1
  }
}

expect() {
  grep -E "$1" <<<"$output" || {
    printf 'expected "%s" in:\n%s\n' "$1" "$output"
    exit 1
  }
}

# leaves_nothing COMMAND...: which says what there is of it outside its folder, and fails if that is nothing.
leaves_nothing() {
  "$example/run.sh" --down
  trap - EXIT
  if [[ -e $TEALHOOK_EXAMPLE ]] || "$@"; then
    echo "the example left something behind"
    exit 1
  fi
}

containers_left() { docker ps --all --format '{{.Names}}' | grep "$TEALHOOK_EXAMPLE_APP"; }
