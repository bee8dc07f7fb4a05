/// @file
/// LiveTraffic: one app's live traffic, where engine, router and store meet.
///
/// Invariant: the router decides what is live. The store follows what it says, and is asked only where the router does
/// not know. Whoever changes an app's routes holds its traffic lock, and shows it: `held` is what lock() returned.
#pragma once

#include "process/file_lock.hpp"
#include "store/store.hpp"
#include "target/services.hpp"
#include "traffic/routes.hpp"
#include "traffic/shift_record.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

class LiveTraffic {
public:
  LiveTraffic(Services& services, Store& store, std::string app);

  /// Throws Error(busy) if another moves the app's traffic for long.
  [[nodiscard]] FileLock lock() const;
  /// The color that live traffic goes to. Nothing if there is no router, or if it never was moved anywhere.
  [[nodiscard]] std::optional<Color> live();
  /// The other one; where nothing is live, the one that was not deployed last with success, and blue before there was
  /// any.
  [[nodiscard]] Color idle();
  /// "live traffic stays on blue", "nothing is live yet"; empty where there is no router.
  [[nodiscard]] std::string describe();
  /// As the engine and the router have it now; with the shares of a gradual switch that is under way.
  [[nodiscard]] Placement placement();

  /// Tell the router, which is started if it does not run. Returns when new requests go there. Throws
  /// Error(environment) if it cannot be told.
  void route(const FileLock& held, const AppSettings& settings, const Placement& placement);
  /// What the router routes for the app.
  [[nodiscard]] std::vector<route::Route> routes();
  /// Tell the router routes that it had, and will have again if somebody took it down; with the certificate it has now,
  /// whatever became of the files it came from.
  void put_back(const FileLock& held, std::vector<route::Route> routes);
  /// Let whoever is at a gradual switch move nothing any more. Returns it, if there was one. Where traffic goes instead
  /// is the caller's to say, with the same lock.
  std::optional<ShiftRecord> call_off_shift(const FileLock& held, const std::string& who);
  /// Calls it off, and all traffic goes back to where it came from.
  std::optional<ShiftRecord> take_back_shift(const FileLock& held, const std::string& who);
  /// A gradual switch whose command was killed is undone, or found to have come to its end. Returns it, if there was
  /// one.
  std::optional<ShiftRecord> end_abandoned_shift(const std::string& who);
  /// Note that live traffic goes to `running`, of `color`, from now on.
  void note_live(Color color, const Running& running, const std::string& who);
  /// Let the store say what the router says, in the name of `who`. Returns whether it said something else.
  bool follow_router(const std::string& who);

  /// Wait until nothing that was sent to the container is under way any more. Returns how many requests were when
  /// `patience` ended.
  std::uint64_t drain(const std::string& container, Milliseconds patience);
  /// Requests under way to the container, by all of the app's routes.
  [[nodiscard]] std::uint64_t in_flight(const std::string& container);

private:
  /// What the router sends live traffic to, one of its replicas, if that is the app's, of one color and one deployment.
  [[nodiscard]] std::optional<Running> find_live();

  Services& m_services;
  Store& m_store;
  std::string m_app;
};

/// The ids of what an app's routes send live traffic to: of one color with its replicas, or while it is shifted of
/// two.
[[nodiscard]] std::vector<std::string> live_ids_of(const std::vector<route::Route>& routes);
/// The ids of what the router sends the app's requests to; none where there is no router.
[[nodiscard]] std::set<std::string> routed_containers(Services& services, std::string_view app);

} // namespace teal
