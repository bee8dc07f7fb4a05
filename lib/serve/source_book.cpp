#include "serve/source_book.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "trigger/registry_notification.hpp"
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

ImageSource image_source(const Home& home, const std::string& app, const SourceSettings& settings) {
  return {settings, load_server_settings(home).registry.address + "/" + app};
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
  const FileState settings = state_of(m_home.app(name).settings());
  const std::lock_guard guard(m_mutex);
  if (settings == FileState()) {
    m_apps.erase(name); // and strangers' names leave nothing here
    return nullptr;
  }
  App& known = m_apps[name];
  if (known.settings != settings) {
    known.settings = settings;
    read_settings(name, known);
  }
  const auto found = known.sources.find(source);
  if (found == known.sources.end()) {
    return nullptr;
  }
  Entry& entry = found->second;
  bool is_fresh = true;
  for (SecretFile& file : entry.secret_files) {
    const FileState now = state_of(file.path);
    is_fresh = is_fresh && file.state == now;
    file.state = now;
  }
  if (!is_fresh) {
    read_secrets_of(entry);
  }
  return entry.source;
}

HookSource SourceBook::hook_source(const std::string& app, const SourceSettings& settings) const {
  HookSource source{.app = app, .name = settings.name, .forge = &forge_of(settings.forge), .secrets = {}};
  if (settings.kind == SourceSettings::Kind::registry) {
    source.forge = &registry_sender();
    source.counts = [images = image_source(m_home, app, settings)](const webhook::Delivery& one) {
      return images.counts(one.repository, one.ref.substr(one.ref.rfind(':') + 1));
    };
  }
  return source;
}

void SourceBook::read_settings(const std::string& name, App& app) const {
  try {
    std::map<std::string, Entry, std::less<>> sources;
    for (const SourceSettings& settings : load_app_settings(m_home, name).sources) {
      if (settings.kind == SourceSettings::Kind::webhook || settings.kind == SourceSettings::Kind::registry) {
        Entry entry{.secret_files = {}, .source = std::make_shared<HookSource>(hook_source(name, settings))};
        for (const std::string& file : {settings.secret_file, settings.old_secret_file}) {
          if (!file.empty()) {
            entry.secret_files.push_back({file_of_app(m_home.app(name), file), {}});
          }
        }
        sources.emplace(settings.name, std::move(entry));
      }
    }
    app.sources = std::move(sources);
  } catch (const Error& error) {
    m_log.error(fmt::format("{}; its sources stay as they were", error.message()), {{"app", name}});
  }
}

/// One without a secret is there, and refuses all.
void SourceBook::read_secrets_of(Entry& entry) const {
  auto source = std::make_shared<HookSource>(*entry.source);
  source->secrets.clear();
  for (const SecretFile& file : entry.secret_files) {
    try {
      const webhook::Secrets secrets = read_secrets(file.path);
      source->secrets.insert(source->secrets.end(), secrets.begin(), secrets.end());
    } catch (const Error& error) {
      m_log.error(fmt::format("source '{}' takes nothing by it: {}", source->name, error.message()),
                  {{"app", source->app}});
    }
  }
  entry.source = std::move(source);
}

} // namespace teal::serve
