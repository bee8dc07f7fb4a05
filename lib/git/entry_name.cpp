#include "git/entry_name.hpp"

#include "git/ascii.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace teal::git {

namespace {

/// `name` without the code points that HFS+ ignores (git's utf8.c, next_hfs_char).
std::string without_ignorable(std::string_view name) {
  constexpr std::array<std::string_view, 16> k_ignorable{
      "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xaa", "\xe2\x80\xab",
      "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xaa", "\xe2\x81\xab", "\xe2\x81\xac",
      "\xe2\x81\xad", "\xe2\x81\xae", "\xe2\x81\xaf", "\xef\xbb\xbf"};
  std::string kept;
  while (!name.empty()) {
    const bool ignorable = std::find(k_ignorable.begin(), k_ignorable.end(), name.substr(0, 3)) != k_ignorable.end();
    if (!ignorable) {
      kept += name.front();
    }
    name.remove_prefix(ignorable ? 3 : 1);
  }
  return kept;
}

/// `name` as NTFS sees it: up to an alternate stream's colon, without trailing dots and spaces.
std::string_view without_ntfs_tail(std::string_view name) {
  name = name.substr(0, name.find(':'));
  return name.substr(0, name.find_last_not_of(". ") + 1);
}

/// Only names that begin so need the closer look, which costs more than all else that is done with a name.
bool may_be_reserved(std::string_view name) {
  return std::string_view(".gG\xe2\xef").find(name[0]) != std::string_view::npos;
}

bool could_be(std::string_view name, std::string_view reserved) {
  const auto folded = ascii_lower(name);
  return without_ignorable(folded) == reserved || without_ntfs_tail(folded) == reserved;
}

} // namespace

std::string_view fault_of_name(std::string_view name) {
  constexpr std::size_t k_longest = 255; // NAME_MAX
  if (name.empty()) {
    return "it is empty";
  }
  if (name == "." || name == "..") {
    return "it leads to another folder";
  }
  if (name.find('/') != std::string_view::npos) {
    return "it contains a slash";
  }
  if (may_be_reserved(name) && (could_be(name, ".git") || could_be(name, "git~1"))) {
    return "it could be taken for a repository's '.git'";
  }
  if (name.size() > k_longest) {
    return "it is longer than 255 bytes";
  }
  return {};
}

bool is_gitmodules(std::string_view name) {
  return could_be(name, ".gitmodules");
}

} // namespace teal::git
