/// @file
/// SourceBook: which sources may deliver to which apps, and by which secrets, as their files are now.
///
/// Each look costs some stat(2); a file is read again when it changed, so that a new app, a new source or a rotated
/// secret needs no reload. Settings that are wrong leave an app with the sources it had, and are told once; their
/// secrets are those of the files nevertheless.
#pragma once

#include "config/settings.hpp"
#include "model/home.hpp"
#include "serve/hook_source.hpp"
#include "serve/log.hpp"
#include "serve/secret_files.hpp"
#include "trigger/image_source.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace teal::serve {

class SourceBook : public HookSources {
public:
  SourceBook(Home home, const Log& log) : m_home(std::move(home)), m_log(log) {}

  [[nodiscard]] std::shared_ptr<const HookSource> find(std::string_view app, std::string_view source) override;

private:
  struct Entry {
    SecretFiles files;
    std::shared_ptr<const HookSource> source;
  };
  struct App {
    FileState settings; ///< as they were when they were read
    std::map<std::string, Entry, std::less<>> sources;
  };

  [[nodiscard]] HookSource hook_source(const std::string& app, const SourceSettings& settings) const;
  void read_settings(const std::string& name, App& app) const;

  Home m_home;
  const Log& m_log;
  std::mutex m_mutex; // of what follows
  std::map<std::string, App, std::less<>> m_apps;
};

/// What a source of kind registry waits for. Throws Error(settings) if the server's settings are wrong.
[[nodiscard]] ImageSource image_source(const Home& home, const std::string& app, const SourceSettings& settings);

/// Of the settings' name for it.
[[nodiscard]] const webhook::Forge& forge_of(SourceSettings::Forge forge);

} // namespace teal::serve
