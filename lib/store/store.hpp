/// @file
/// Store: the home's database with the ways of using it.
#pragma once

#include "store/actions.hpp"
#include "store/database.hpp"
#include "store/deliveries.hpp"
#include "store/history.hpp"
#include "store/polled_refs.hpp"
#include "store/principals.hpp"
#include "store/queue.hpp"
#include "store/repositories.hpp"
#include "store/traffic.hpp"

namespace teal {

struct Store {
  Store(const std::filesystem::path& file, const Clock& clock)
      : database(file), queue(database, clock), history(database), traffic(database, clock), actions(database, clock),
        repositories(database), deliveries(database), polled_refs(database), principals(database, clock) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Database database;
  Queue queue;
  History history;
  TrafficLog traffic;
  Actions actions;
  OwnRepositories repositories;
  Deliveries deliveries;
  PolledRefs polled_refs;
  Principals principals;
};

} // namespace teal
