#!/usr/bin/env bash
# lint_test.sh: whether lint.sh refuses what it is to refuse, and nothing else.
set -euo pipefail
lint=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/lint.sh
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
file=$folder/file.cpp
failed=0

expect() { # WHETHER CODE: accepted or refused
  local outcome=accepted
  printf '%s\n' "$2" >"$file"
  "$lint" filesystem "$file" >"$folder/output" || outcome=refused
  if [[ $outcome != "$1" || ($outcome == refused && ! -s $folder/output) ]]; then
    echo "is $outcome, and should be $1: $2"
    failed=1
  fi
}

expect refused 'fs::create_directories(folder);'
expect refused 'return std::filesystem::exists(file) ? 1 : 0;'
expect refused 'std::error_code fault; f(fault); fs::rename(from, to);'
expect refused 'std::error_code fault; fs::permissions(to, fs::status(from, fault).permissions());'
expect refused 'std::error_code fault; fs::copy_file(
    of(a, b),
    c);'
expect refused 'f(")", fs::canonical(path / "a)"));'
expect refused 'fs::directory_iterator entry(folder);'
expect refused 'std::error_code fault; for (const auto& entry : fs::directory_iterator(folder, fault)) {}'
expect refused 'return entry.is_regular_file() && true;'
expect refused 'return entry->file_size();'
expect refused 'std::error_code a; f(b) { fs::remove(file, b); }'
expect refused 'namespace files = std::filesystem;'
expect refused 'using std::filesystem::exists;'
expect refused 'using namespace std::filesystem;'
expect refused 'if (!is_directory(path)) {}'

expect accepted 'std::error_code fault; fs::create_directories(path("a", b()), fault);'
expect accepted 'void f(std::error_code& fault) { for (fs::directory_iterator e(p, fault), end; e != fs::directory_iterator(); e.increment(fault)) {} }'
expect accepted 'const std::filesystem::path one = fs::path(a) / std::filesystem::path(b); f(fs::perms(0755));'
expect accepted 'files::create_directories(folder); files::rename(a, b);'
expect accepted 'std::error_code fault; for (const auto& one : all) { fs::directory_iterator entry(one, fault); }'
expect accepted '// fs::remove(file) is what this is about'
expect accepted 'std::error_code gone; const auto size = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;'
expect accepted 'namespace fs = std::filesystem;'
exit "$failed"
