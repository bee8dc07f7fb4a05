#!/usr/bin/env bash
# lint.sh format: whether the sources are as clang-format wants them.
# lint.sh tidy [FILE...]: whether clang-tidy finds nothing in them, by default in all of lib, hooks and tools.
# Each version wants something else, so Debian 12's is the one that counts; where it is not to be had, exits with 77:
# "skipped" to ctest. tests/run.sh installs it wherever it is.
set -euo pipefail
self=$(realpath "${BASH_SOURCE[0]}")
cd "$(dirname "$self")/.."

require() {
  command -v "$1" >/dev/null || {
    echo "needs $1"
    exit 77
  }
}

format() {
  require clang-format-14
  git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 --dry-run -Werror
}

tidy_all() {
  require clang-tidy-14
  local folder
  for folder in $(git ls-files 'lib/*.cpp' 'hooks/*.cpp' 'tools/*.cpp' | xargs dirname | sort -u); do
    echo "$self tidy $folder/*.cpp"
  done | xargs -P "$(nproc)" -I{} bash -c "{}"
}

# Those that do not compile together with the rest, because of a local name that both have, are done apart.
tidy() {
  local output apart rest status=0
  output=$(tidy_together "$@") && return
  mapfile -t apart < <(sed -n "s|^$PWD/\([^:]*\):.*clang-diagnostic-error.*|\1|p" <<<"$output" | sort -u |
    grep -Fx -f <(printf '%s\n' "$@"))
  mapfile -t rest < <(printf '%s\n' "$@" | grep -Fxv -f <(printf '%s\n' "${apart[@]-}"))
  if ((${#apart[@]} == 0 || ${#rest[@]} == 0)); then
    echo "$output"
    return 1
  fi
  tidy "${rest[@]}" || status=1
  tidy "${apart[@]}" || status=1
  return "$status"
}

# As one source, since nearly all the time goes to the headers that they share. The analyzer's default of 225,000 nodes a
# function finds nothing more here and takes ten times as long.
tidy_together() {
  local together status=0
  together=$(mktemp --suffix=.cpp)
  printf "#include \"$PWD/%s\"\n" "$@" >"$together"
  clang-tidy-14 --config-file=.clang-tidy --quiet --checks=-bugprone-suspicious-include \
    --extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=20000 \
    "$together" -- -std=c++20 -Ilib -Itools '-DTEAL_VERSION=""' 2>/dev/null || status=$?
  rm "$together"
  return "$status"
}

case "$1 $#" in
  "format 1") format ;;
  "tidy 1") tidy_all ;;
  "tidy "*) tidy "${@:2}" ;;
esac
