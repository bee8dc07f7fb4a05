#!/usr/bin/env bash
# lint.sh format | lint.sh tidy BUILD: whether the sources are as clang-format and clang-tidy want them. Each version wants
# something else, so Debian 12's is the one that counts; without it, exits with 77, which ctest takes for "skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

require_version_14() {
  "$1" --version | grep -q 'version 14\.' || {
    echo "needs $1 14"
    exit 77
  }
}

case $1 in
  format)
    require_version_14 clang-format
    git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror
    ;;
  tidy)
    require_version_14 clang-tidy
    # The analyzer's default of 225,000 nodes a function finds nothing more here and takes most of the time.
    run-clang-tidy -p "$2" -quiet -extra-arg=-Wno-unknown-warning-option \
      -extra-arg=-Xclang -extra-arg=-analyzer-config -extra-arg=-Xclang -extra-arg=max-nodes=20000 \
      "^$PWD/(lib|hooks|tools)/"
    ;;
esac
