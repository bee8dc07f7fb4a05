/// @file
/// Store: the home's database with the ways of using it.
#pragma once

#include "store/actions.hpp"
#include "store/database.hpp"
#include "store/deliveries.hpp"
#include "store/history.hpp"
#include "store/idempotency.hpp"
#include "store/polled_refs.hpp"
#include "store/principals.hpp"
#include "store/queue.hpp"
#include "store/repositories.hpp"
#include "store/source_checks.hpp"
#include "store/status_reports.hpp"
#include "store/traffic.hpp"

namespace teal {

struct Store {
  Store(const std::filesystem::path& file, const Clock& of_all)
      : clock(of_all), database(file), queue(database, clock), history(database), traffic(database, clock),
        actions(database, clock), repositories(database), deliveries(database), polled_refs(database),
        principals(database, clock), idempotency(database), source_checks(database), status_reports(database) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const Clock& clock;
  Database database;
  Queue queue;
  History history;
  TrafficLog traffic;
  Actions actions;
  OwnRepositories repositories;
  Deliveries deliveries;
  PolledRefs polled_refs;
  Principals principals;
  IdempotencyKeys idempotency;
  SourceChecks source_checks;
  StatusReports status_reports;
};

} // namespace teal
