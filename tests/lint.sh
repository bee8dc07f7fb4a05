#!/usr/bin/env bash
# lint.sh format: whether the sources are as clang-format wants them.
# lint.sh filesystem [FILE...]: whether none of them, by default of lib, hooks and tools, calls what std::filesystem throws
# its own error from: process/files does that, with ours, or an error_code is given.
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

filesystem_all() {
  git ls-files 'lib/*.[ch]pp' 'hooks/*.[ch]pp' 'tools/*.[ch]pp' | xargs "$self" filesystem
}

# A call throws unless the last thing it is given is an error_code of that file. Whoever names the namespace by another name
# than fs, or not at all, could not be told from others.
filesystem() {
  perl -0777 -ne '
    BEGIN { $faults = 0 }
    sub refuse { printf "%s:%d: %s\n", $ARGV, 1 + (substr($_, 0, $_[0]) =~ tr/\n//), $_[1]; $faults = 1 }
    s{"(?:[^"\\\n]|\\.)*"|//[^\n]*}{"" . (" " x (length $&))}ge;
    my %codes = map { $_ => 1 } /error_code&?\s+(\w+)/g;
    my $arguments = qr/(?<arguments>\((?:[^()]++|(?&arguments))*\))/;
    my $iterator = qr/(?:recursive_)?directory_iterator/;
    my $of_entry = qr/is_regular_file|is_directory|is_symlink|file_size|last_write_time/;
    my $alone = qr/create_director(?:y|ies)|create_symlink|copy_file|is_directory|is_regular_file|current_path/;
    while (/\b(?:std::filesystem|fs)::(?!path\b|perms\b)(?:$iterator\s+)?\w+\s*$arguments/g) {
      my ($at, $given) = ($-[0], $+{arguments});
      next if $& =~ /$iterator\s*\(\)$/;
      refuse($at, "throws its own error: call files::, or give it an error_code") unless $given =~ /\b(\w+)\)$/ && $codes{$1};
    }
    while (/(?:\.|->)(?:$of_entry)\s*$arguments/g) {
      my ($at, $given) = ($-[0], $+{arguments});
      refuse($at, "throws its own error: give it an error_code") unless $given =~ /\b(\w+)\)$/ && $codes{$1};
    }
    while (/\bfor\s*$arguments/g) {
      my ($at, $head) = ($-[0], $+{arguments});
      refuse($at, "throws its own error as it goes on: call files::") if $head =~ /^[^;]*(?<!:):(?!:)[^;]*\b$iterator\b/;
    }
    while (/=\s*(?:std::)?filesystem\s*;/g) { refuse($-[0], "is to be named fs") unless substr($_, 0, $-[0]) =~ /namespace fs $/ }
    while (/using\s+(?:namespace\s+)?std::filesystem\b/g) { refuse($-[0], "is to be named where it is called") }
    while (/(?<![\w:.>])(?:$alone)\s*\(/g) {
      refuse($-[0], "is found by its argument alone: name files:: or fs::") unless $ARGV =~ m{lib/process/files\.[ch]pp$};
    }
    END { exit $faults }' "$@"
}

tidy_all() {
  require clang-tidy-14
  git ls-files 'lib/*.cpp' 'hooks/*.cpp' 'tools/*.cpp' | split -n "r/$(nproc)" --filter="xargs '$self' tidy"
}

# As few sources as possible, since nearly all the time goes to the headers that they share. Those that do not compile
# together with the rest, because of a local name that both have, make the next one.
tidy() {
  local together=("$@") next=() output apart status=0
  while ((${#together[@]} > 0)); do
    if output=$(clang_tidy '-*,readability-misplaced-array-index' "${together[@]}"); then # only compiles them
      clang_tidy -bugprone-suspicious-include "${together[@]}" || status=1
      together=("${next[@]}") next=()
      continue
    fi
    mapfile -t apart < <(sed -n "s|^$PWD/\([^:]*\):.*clang-diagnostic-error.*|\1|p" <<<"$output" | sort -u |
      grep -Fx -f <(printf '%s\n' "${together[@]}"))
    if ((${#apart[@]} == 0 || ${#apart[@]} == ${#together[@]})); then
      echo "$output"
      return 1
    fi
    next+=("${apart[@]}")
    mapfile -t together < <(printf '%s\n' "${together[@]}" | grep -Fxv -f <(printf '%s\n' "${apart[@]}"))
  done
  return "$status"
}

# clang_tidy CHECKS FILE...: of the files as one. The analyzer's default of 225,000 nodes a function finds nothing more here
# and takes ten times as long.
clang_tidy() {
  local together status=0
  together=$(mktemp --suffix=.cpp)
  printf "#include \"$PWD/%s\"\n" "${@:2}" >"$together"
  clang-tidy-14 --config-file=.clang-tidy --quiet --checks="$1" \
    --extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=20000 \
    "$together" -- -std=c++20 -Ilib -Itools '-DTEAL_VERSION=""' -ferror-limit=0 2>/dev/null || status=$?
  rm "$together"
  return "$status"
}

case "$1 $#" in
  "format 1") format ;;
  "filesystem 1") filesystem_all ;;
  "filesystem "*) filesystem "${@:2}" ;;
  "tidy 1") tidy_all ;;
  "tidy "*) tidy "${@:2}" ;;
esac
