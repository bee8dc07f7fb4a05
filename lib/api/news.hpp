/// @file
/// News: sleep until the home's store or one of some apps' logs is written to, or somebody calls.
///
/// It always works: by inotify where the kernel has a watch to give, else by waking up now and then.
#pragma once

#include "core/clock.hpp"
#include "core/descriptor.hpp"
#include "model/home.hpp"

#include <optional>
#include <set>
#include <string>

namespace teal::api {

class News {
public:
  explicit News(const Home& home);

  /// From any thread: wait() returns.
  void call() const;
  /// From now on this app's logs are looked at, too.
  void watch_logs(const std::string& app);
  /// No app's any more.
  void forget_logs();
  /// A return promises no news. Without `limit`, it is waited for call() alone.
  void wait(const std::optional<Milliseconds>& limit);

private:
  void watch(const std::filesystem::path& folder);

  Home m_home;
  Descriptor m_calls;
  Descriptor m_changes; ///< empty where there is nobody to tell, or no watch to be had
  bool m_is_blind = false;
  std::set<std::string> m_apps;
};

} // namespace teal::api
