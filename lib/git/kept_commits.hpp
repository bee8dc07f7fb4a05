/// @file
/// KeptCommits: a bare repository of ours that keeps commits, whatever becomes of the branches that these came from.
///
/// Each has a ref of its own, so that no tidying takes it away.
#pragma once

#include "git/repository.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace teal::git {

class KeptCommits {
public:
  KeptCommits(std::filesystem::path repository, Environment environment)
      : m_repository(std::move(repository)), m_environment(std::move(environment)) {}

  [[nodiscard]] const std::filesystem::path& repository() const { return m_repository; }
  /// `commit` with all that it needs, out of `source`.
  void keep(const Repository& source, const std::string& commit) const;
  /// Those that are kept.
  [[nodiscard]] std::vector<std::string> list() const;
  void forget(const std::string& commit) const;

private:
  [[nodiscard]] Command git(const std::filesystem::path& repository, std::vector<std::string> arguments) const;

  std::filesystem::path m_repository;
  Environment m_environment;
};

} // namespace teal::git
