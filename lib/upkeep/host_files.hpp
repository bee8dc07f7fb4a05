/// @file
/// HostFiles: what of ours lies outside of the home: units of systemd and a configuration of logrotate, made of our
/// templates for a home and its user.
///
/// Invariant: a file that a person changed, or that was never ours, stays as it is unless it is asked for by force.
/// Ours are told by their last line, which has a digest of all above it.
#pragma once

#include "model/home.hpp"
#include "process/installation.hpp"
#include "process/user.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace teal {

struct HostFilesWish {
  bool systemd = false;
  bool logrotate = false;
  std::filesystem::path root = "/"; ///< what stands for the host's
  bool force = false;
};

struct HostFile {
  enum class Fate { written, same, kept };
  std::filesystem::path path;
  Fate fate = Fate::same;
};
[[nodiscard]] std::string_view to_string(HostFile::Fate fate) noexcept;

/// Into etc/systemd/system and etc/logrotate.d of the root. Throws Error(usage) for a home whose path they could not
/// name, Error(environment) where the templates are missing or a file cannot be written; those before it are there.
[[nodiscard]] std::vector<HostFile> put_host_files(const Installation& installation, const Home& home,
                                                   const UserEntry& user, const HostFilesWish& wish);

} // namespace teal
