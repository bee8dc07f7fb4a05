#include "process/files.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <system_error>

namespace teal::files {

namespace {

namespace fs = std::filesystem;

void require(const std::error_code& fault, const char* doing, const fs::path& file) {
  if (fault) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot {} '{}': {}", doing, file.string(), system_reason(fault.value())));
  }
}

bool is_missing(const std::error_code& fault) {
  return fault == std::errc::no_such_file_or_directory || fault == std::errc::not_a_directory;
}

} // namespace

bool exists(const fs::path& file) {
  std::error_code fault;
  const bool found = fs::exists(file, fault);
  require(fault, "look for", file);
  return found;
}

std::uint64_t file_size(const fs::path& file) {
  std::error_code fault;
  const std::uintmax_t size = fs::file_size(file, fault);
  require(fault, "measure", file);
  return size;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code fault;
  for (fs::directory_iterator entry(folder, fault), end; !fault && entry != end; entry.increment(fault)) {
    names.push_back(entry->path().filename().string());
  }
  require(is_missing(fault) ? std::error_code() : fault, "list the folder", folder);
  return names;
}

fs::path read_symlink(const fs::path& link) {
  std::error_code fault;
  fs::path target = fs::read_symlink(link, fault);
  require(is_missing(fault) ? std::error_code() : fault, "read the link", link);
  return target;
}

void create_directories(const fs::path& folder) {
  std::error_code fault;
  fs::create_directories(folder, fault);
  require(fault, "make the folder", folder);
}

void create_symlink(const fs::path& target, const fs::path& link) {
  std::error_code fault;
  fs::create_symlink(target, link, fault);
  require(fault, "make the link", link);
}

void set_permissions(const fs::path& file, fs::perms permissions) {
  std::error_code fault;
  fs::permissions(file, permissions, fault);
  require(fault, "set the permissions of", file);
}

void rename(const fs::path& from, const fs::path& to) {
  std::error_code fault;
  fs::rename(from, to, fault);
  require(fault, "rename to", to);
}

bool remove(const fs::path& file) {
  std::error_code fault;
  const bool removed = fs::remove(file, fault);
  require(fault, "remove", file);
  return removed;
}

void remove_all(const fs::path& file) {
  std::error_code fault;
  fs::remove_all(file, fault);
  require(fault, "remove", file);
}

} // namespace teal::files
