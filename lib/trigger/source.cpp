#include "trigger/source.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_longest_token = 4096;

std::string authorization_in(const fs::path& file) {
  const std::string token(trim(read_file(file, k_longest_token)));
  if (token.empty() || token.find('\n') != std::string::npos) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is no token: it has to be one line", file.string()));
  }
  return http::basic_authorization(token);
}

std::vector<fs::path> own_repositories(const AppFolder& app, const std::string& name,
                                       const OwnRepositories& repositories) {
  std::vector<fs::path> paths{app.live_repository()};
  for (const Color color : k_colors) {
    paths.push_back(app.repository(color));
  }
  for (const fs::path& path : repositories.list(name)) {
    paths.push_back(path);
  }
  std::error_code gone;
  std::erase_if(paths, [&](const fs::path& path) { return !fs::is_directory(path, gone); });
  return paths;
}

} // namespace

fs::path file_of_app(const AppFolder& app, const fs::path& file) {
  return file.empty() ? file : app.root / file;
}

bool asks_to_be_skipped(std::string_view message) {
  std::string lower(message);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower.find("[skip deploy]") != std::string::npos || lower.find("[deploy skip]") != std::string::npos;
}

git::Remote Source::remote() const {
  return {.url = m_settings.url,
          .key = file_of_app(m_app, m_settings.key),
          .known_hosts = file_of_app(m_app, m_settings.known_hosts),
          .authorization =
              m_settings.token_file.empty() ? "" : authorization_in(file_of_app(m_app, m_settings.token_file))};
}

ResolvedRef Source::fetch(const std::string& ref, const git::FetchOptions& options) const {
  const fs::path repository = m_app.source_repository(m_settings.name);
  return {repository, git::fetch_ref(remote(), ref, repository, options)};
}

std::vector<git::RemoteRef> Source::list(const std::string& pattern, const git::FetchOptions& options) const {
  return git::list_refs(remote(), pattern, options);
}

ResolvedRef Source::find(const std::string& ref, std::string_view hint, const OwnRepositories& repositories) const {
  ResolvedRef found;
  for (const fs::path& path : own_repositories(m_app, m_app.root.filename().string(), repositories)) {
    auto commit = git::Repository::open(path).find_commit(ref);
    if (commit && (!found.commit || commit->id == hint)) {
      found = {path, std::move(commit)};
    }
  }
  return found;
}

} // namespace teal
