/// @file
/// OwnRepositories: the bare repositories outside of the home that were made to deploy its apps (`hook install`).
///
/// Each deploys one app. What a repository's own configuration says decides; this is where to look for it.
#pragma once

#include "store/database.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace teal {

class OwnRepositories {
public:
  explicit OwnRepositories(Database& database) : m_database(database) {}

  /// From now on it deploys `app`, and no other.
  void add(const std::filesystem::path& repository, std::string_view app);
  /// False if it was not known.
  bool forget(const std::filesystem::path& repository);
  /// Of the app, by path.
  [[nodiscard]] std::vector<std::filesystem::path> list(std::string_view app) const;

private:
  Database& m_database;
};

} // namespace teal
