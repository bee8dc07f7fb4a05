/// @file
/// ReceiverBook: who may deliver to a receiver, by its one file of settings, and by which secrets.
///
/// The settings are those that it was last given; secrets are read again as their files change.
#pragma once

#include "config/settings.hpp"
#include "serve/hook_source.hpp"
#include "serve/log.hpp"
#include "serve/secret_files.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace teal::serve {

class ReceiverBook : public HookSources {
public:
  /// `folder` is what paths in the settings are relative to.
  ReceiverBook(std::filesystem::path folder, const ReceiverSettings& settings, const Log& log)
      : m_folder(std::move(folder)), m_log(log) {
    set(settings);
  }

  /// From now on it is these. From any thread.
  void set(const ReceiverSettings& settings);
  [[nodiscard]] std::shared_ptr<const HookSource> find(std::string_view app, std::string_view source) override;
  /// What a delivery of that source becomes: empty where there is no such source (any more).
  struct Naming {
    std::string pattern; ///< of the trigger file's name
    std::string branch;  ///< a glob; empty: all
  };
  [[nodiscard]] Naming naming(const HookSource& source) const;

private:
  struct Entry {
    SecretFiles files;
    std::shared_ptr<const HookSource> source;
    Naming naming;
  };

  std::filesystem::path m_folder;
  const Log& m_log;
  mutable std::mutex m_mutex;                                     // of what follows
  std::map<std::pair<std::string, std::string>, Entry> m_entries; ///< by app and name
};

} // namespace teal::serve
