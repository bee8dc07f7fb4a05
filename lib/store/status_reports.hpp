/// @file
/// StatusReports: which deployments a forge is to be told of, and what it was told already.
///
/// Invariant: each deployment is looked at once, in the transaction that also opens its report; so whoever is killed is
/// followed by one that reports what is left, and nothing that was older than the reports.
#pragma once

#include "store/database.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace teal {

struct StatusReport {
  std::int64_t deployment = 0;
  std::string app;
  std::string source;
  std::string reported;  ///< the state that the forge has; empty: none yet
  std::string remote_id; ///< of the forge's own deployment, where it has such
  int attempts = 0;      ///< in vain, since the last that was not
  TimePoint next_try{};
  TimePoint since{}; ///< when it was opened
};

class StatusReports {
public:
  explicit StatusReports(Database& database) : m_database(database) {}

  struct Unseen {
    std::int64_t deployment;
    std::string app;
    std::string who;        ///< of its event
    std::string repository; ///< the same
  };
  /// Deployments that were not looked at, oldest first, some hundreds at most.
  [[nodiscard]] std::vector<Unseen> unseen() const;
  struct Opened {
    std::int64_t deployment;
    std::string source;
  };
  /// All up to `last` were looked at, and of these a forge is to be told.
  void open(const std::vector<Opened>& reports, std::int64_t last, TimePoint now);

  /// Those that are open, oldest first.
  [[nodiscard]] std::vector<StatusReport> list() const;
  /// From now on it is as `report` says.
  void update(const StatusReport& report);
  /// No more is to be told of it.
  void close(std::int64_t deployment);

private:
  Database& m_database;
};

} // namespace teal
