/// @file
/// WorkerCounts: what each worker of a router has done for a server, added up.
///
/// A worker counts from nothing, and what it has counted is gone with it. Invariant: no sum ever falls, whatever
/// workers come and go.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace teal::route {

class WorkerCounts {
public:
  struct Counts {
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;
  };

  /// `server` is any name that no other has.
  void note(pid_t worker, const std::string& server, Counts counts);
  [[nodiscard]] Counts sum(const std::string& server) const;

  /// What another process has kept, if it has.
  void take_in(const std::filesystem::path& file);
  void keep(const std::filesystem::path& file, const std::set<std::string>& servers) const;

private:
  std::map<std::string, std::map<pid_t, Counts>> m_servers;
};

} // namespace teal::route
