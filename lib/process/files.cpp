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

/// Of type not_found where it is missing.
fs::file_status status_of(const fs::path& file) {
  std::error_code fault;
  const fs::file_status status = fs::status(file, fault);
  require(is_missing(fault) ? std::error_code() : fault, "look at", file);
  return status;
}

/// The same of the name itself.
fs::file_status link_status_of(const fs::path& name) {
  std::error_code fault;
  const fs::file_status status = fs::symlink_status(name, fault);
  require(is_missing(fault) ? std::error_code() : fault, "look at", name);
  return status;
}

} // namespace

bool exists(const fs::path& file) {
  return status_of(file).type() != fs::file_type::not_found;
}

bool is_there(const fs::path& name) {
  return link_status_of(name).type() != fs::file_type::not_found;
}

bool is_folder(const fs::path& file) {
  return status_of(file).type() == fs::file_type::directory;
}

bool is_file(const fs::path& file) {
  return status_of(file).type() == fs::file_type::regular;
}

bool is_link(const fs::path& name) {
  return link_status_of(name).type() == fs::file_type::symlink;
}

fs::path absolute(const fs::path& file) {
  std::error_code fault;
  fs::path absolute = fs::absolute(file, fault);
  require(fault, "tell the folder of", file);
  return absolute;
}

fs::path canonical(const fs::path& file) {
  std::error_code fault;
  fs::path canonical = fs::canonical(file, fault);
  require(fault, "follow", file);
  return canonical;
}

fs::path current_folder() {
  std::error_code fault;
  fs::path folder = fs::current_path(fault);
  require(fault, "tell the current folder", ".");
  return folder;
}

fs::perms permissions_of(const fs::path& file) {
  std::error_code fault;
  const fs::perms permissions = fs::status(file, fault).permissions();
  require(fault, "look at", file);
  return permissions;
}

std::uint64_t available_space(const fs::path& folder) {
  std::error_code fault;
  const std::uintmax_t bytes = fs::space(folder, fault).available;
  require(fault, "measure the disk of", folder);
  return bytes;
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

void for_each_below(const fs::path& folder, const std::function<void(const fs::directory_entry&)>& visit) {
  std::error_code fault;
  for (fs::recursive_directory_iterator entry(folder, fault), end; !fault && entry != end; entry.increment(fault)) {
    visit(*entry);
  }
  require(fault, "list all in the folder", folder);
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

void copy(const fs::path& from, const fs::path& to) {
  std::error_code fault;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, fault);
  require(fault, "copy to", to);
}

void copy_all(const fs::path& from, const fs::path& to) {
  std::error_code fault;
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks, fault);
  require(fault, "copy to", to);
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
