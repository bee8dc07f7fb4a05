/// @file
/// SourceBook: which sources may deliver to which apps, and by which secrets, as their files are now.
///
/// Each look costs some stat(2); a file is read again when it changed, so that a new app, a new source or a rotated
/// secret needs no reload. Settings that are wrong leave an app with the sources it had, and are told once; their
/// secrets are those of the files nevertheless.
#pragma once

#include "config/settings.hpp"
#include "model/home.hpp"
#include "serve/log.hpp"
#include "trigger/image_source.hpp"
#include "trigger/webhook.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::serve {

/// One that delivers by HTTP.
struct HookSource {
  std::string app;
  std::string name;
  const webhook::Forge* forge = nullptr;
  webhook::Secrets secrets;
  /// Whether it waits for that; a registry tells all that is pushed to it.
  std::function<bool(const webhook::Delivery&)> counts = [](const webhook::Delivery&) { return true; };
};

class SourceBook {
public:
  SourceBook(Home home, const Log& log) : m_home(std::move(home)), m_log(log) {}

  /// Null if there is none, whatever the names are. From any thread.
  [[nodiscard]] std::shared_ptr<const HookSource> find(std::string_view app, std::string_view source);

private:
  struct FileState {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1; ///< there is no such file
    std::int64_t modified = 0;
    bool operator==(const FileState&) const = default;
  };
  struct SecretFile {
    std::filesystem::path path;
    std::optional<FileState> state; ///< as it was when it was read
  };
  struct Entry {
    std::vector<SecretFile> secret_files; ///< that of the secret before, too, while that changes
    std::shared_ptr<const HookSource> source;
  };
  struct App {
    FileState settings; ///< as they were when they were read
    std::map<std::string, Entry, std::less<>> sources;
  };

  static FileState state_of(const std::filesystem::path& file);
  [[nodiscard]] HookSource hook_source(const std::string& app, const SourceSettings& settings) const;
  void read_settings(const std::string& name, App& app) const;
  void read_secrets_of(Entry& entry) const;

  Home m_home;
  const Log& m_log;
  std::mutex m_mutex; // of what follows
  std::map<std::string, App, std::less<>> m_apps;
};

/// The secrets of a file: a line each, at most two. Throws Error(settings) for more, or if there is none, and
/// Error(environment) if it cannot be read; no message quotes one.
[[nodiscard]] webhook::Secrets read_secrets(const std::filesystem::path& file);

/// What a source of kind registry waits for. Throws Error(settings) if the server's settings are wrong.
[[nodiscard]] ImageSource image_source(const Home& home, const std::string& app, const SourceSettings& settings);

/// Of the settings' name for it.
[[nodiscard]] const webhook::Forge& forge_of(SourceSettings::Forge forge);

} // namespace teal::serve
