#include "serve/source_book.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "trigger/registry_notification.hpp"
#include "trigger/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal::serve {

namespace {

constexpr std::size_t k_longest_name = 40;

/// As both are, so that nothing else of a stranger's path is ever looked for on the disk.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= k_longest_name && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

} // namespace

const webhook::Forge& forge_of(SourceSettings::Forge forge) {
  constexpr std::array<std::string_view, 5> k_names{"github", "gitea", "gitlab", "bitbucket", "generic"};
  return *webhook::find_forge(k_names.at(static_cast<std::size_t>(forge)));
}

ImageSource image_source(const Home& home, const std::string& app, const SourceSettings& settings) {
  return {settings, load_server_settings(home).registry.address + "/" + app};
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
  const auto secrets = entry.files.read_if_changed([&](const Error& error) {
    m_log.error(fmt::format("source '{}' takes nothing by it: {}", entry.source->name, error.message()),
                {{"app", name}});
  });
  if (secrets) { // one without any is there, and refuses all
    auto fresh = std::make_shared<HookSource>(*entry.source);
    fresh->secrets = *secrets;
    entry.source = std::move(fresh);
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
        std::vector<std::filesystem::path> files{file_of_app(m_home.app(name), settings.secret_file)};
        if (!settings.old_secret_file.empty()) {
          files.push_back(file_of_app(m_home.app(name), settings.old_secret_file));
        }
        Entry entry{.files = SecretFiles(files), .source = std::make_shared<HookSource>(hook_source(name, settings))};
        sources.emplace(settings.name, std::move(entry));
      }
    }
    app.sources = std::move(sources);
  } catch (const Error& error) {
    m_log.error(fmt::format("{}; its sources stay as they were", error.message()), {{"app", name}});
  }
}

} // namespace teal::serve
