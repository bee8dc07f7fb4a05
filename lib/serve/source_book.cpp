#include "serve/source_book.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "trigger/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal::serve {

namespace {

constexpr std::size_t k_longest_secret_file = 4096;
constexpr std::size_t k_most_secrets = 2;
constexpr std::size_t k_longest_name = 40;

/// As both are, so that nothing else of a stranger's path is ever looked for on the disk.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= k_longest_name && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

} // namespace

webhook::Secrets read_secrets(const std::filesystem::path& file) {
  webhook::Secrets secrets;
  for (const std::string& line : split(read_file(file, k_longest_secret_file), '\n')) {
    if (const std::string_view secret = trim(line); !secret.empty()) {
      secrets.emplace_back(secret);
    }
  }
  if (secrets.empty()) {
    throw Error(ErrorKind::settings, fmt::format("'{}' has no secret: nothing is taken without", file.string()));
  }
  if (secrets.size() > k_most_secrets) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' has {} lines: give the secret in one, and while it changes the one before in another",
                            file.string(), secrets.size()));
  }
  return secrets;
}

const webhook::Forge& forge_of(SourceSettings::Forge forge) {
  constexpr std::array<std::string_view, 5> k_names{"github", "gitea", "gitlab", "bitbucket", "generic"};
  return *webhook::find_forge(k_names.at(static_cast<std::size_t>(forge)));
}

SourceBook::FileState SourceBook::state_of(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) {
    return {};
  }
  return {facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

std::shared_ptr<const HookSource> SourceBook::find(std::string_view app, std::string_view source) {
  if (!is_name(app) || !is_name(source)) {
    return nullptr;
  }
  const std::string name(app);
  const std::lock_guard guard(m_mutex);
  auto known = m_apps.find(name);
  if (known == m_apps.end()) {
    if (state_of(m_home.app(name).settings()) == FileState()) {
      return nullptr; // strangers' names leave nothing here
    }
    known = m_apps.emplace(name, App()).first;
  }
  const Watched& files = known->second.files;
  const bool is_fresh = !files.empty() && std::all_of(files.begin(), files.end(), [](const auto& file) {
    return state_of(file.first) == file.second;
  });
  if (!is_fresh) {
    refresh(name, known->second);
  }
  const auto found = known->second.sources.find(source);
  return found == known->second.sources.end() ? nullptr : found->second;
}

void SourceBook::refresh(const std::string& name, App& app) const {
  const std::filesystem::path file = m_home.app(name).settings();
  app.files = {{file, state_of(file)}};
  if (app.files.front().second == FileState()) {
    app.sources.clear(); // the app was removed
    return;
  }
  try {
    std::map<std::string, std::shared_ptr<const HookSource>, std::less<>> sources;
    for (const SourceSettings& settings : load_app_settings(m_home, name).sources) {
      if (settings.kind == SourceSettings::Kind::webhook) {
        sources.emplace(settings.name, read(name, settings, app.files));
      }
    }
    app.sources = std::move(sources);
  } catch (const Error& error) {
    m_log.error(fmt::format("{}; its sources stay as they were", error.message()), {{"app", name}});
  }
}

/// One without a secret is there, and refuses all.
std::shared_ptr<const HookSource> SourceBook::read(const std::string& app, const SourceSettings& settings,
                                                   Watched& files) const {
  auto source = std::make_shared<HookSource>(
      HookSource{.app = app, .name = settings.name, .forge = &forge_of(settings.forge), .secrets = {}});
  for (const std::string& key : {settings.secret_file, settings.old_secret_file}) {
    if (key.empty()) {
      continue;
    }
    const std::filesystem::path file = file_of_app(m_home.app(app), key);
    files.emplace_back(file, state_of(file));
    try {
      const webhook::Secrets secrets = read_secrets(file);
      source->secrets.insert(source->secrets.end(), secrets.begin(), secrets.end());
    } catch (const Error& error) {
      m_log.error(fmt::format("source '{}' takes nothing by it: {}", settings.name, error.message()), {{"app", app}});
    }
  }
  return source;
}

} // namespace teal::serve
