/// @file
/// Source: where the commits of one of an app's `sources` are, and what a ref of it is there now.
///
/// What a payload or a poll says is a hint: who asks for a deployment asks here first, so that nothing that came late,
/// or twice, moves an app back.
#pragma once

#include "config/settings.hpp"
#include "git/remote.hpp"
#include "model/home.hpp"
#include "store/repositories.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// As a file of the settings is meant: relative to the app's folder.
[[nodiscard]] std::filesystem::path file_of_app(const AppFolder& app, const std::filesystem::path& file);

struct ResolvedRef {
  std::filesystem::path repository;  ///< a bare one of this host, which has the commit
  std::optional<git::Commit> commit; ///< nothing: there is no such ref any more
};

class Source {
public:
  Source(const AppFolder& app, const SourceSettings& settings) : m_app(app), m_settings(settings) {}

  /// What `ref`, a full name, is at the source's url now, fetched into the source's own repository. Throws what
  /// fetch_ref() does, and Error(settings) for a file that is no token.
  [[nodiscard]] ResolvedRef fetch(const std::string& ref, const git::FetchOptions& options) const;

  /// For a source without url: what `ref` is in the app's own repositories: where it is `hint`, else in the first that
  /// has it.
  [[nodiscard]] ResolvedRef find(const std::string& ref, std::string_view hint,
                                 const OwnRepositories& repositories) const;

  /// The refs at the source's url, as git::list_refs().
  [[nodiscard]] std::vector<git::RemoteRef> list(const std::string& pattern, const git::FetchOptions& options) const;

  [[nodiscard]] git::Remote remote() const;

private:
  const AppFolder& m_app;
  const SourceSettings& m_settings;
};

} // namespace teal
