/// @file
/// DeadlineTable: a server's connections, listed by what each is at, with one timer for all. Private to this folder.
///
/// All of a list have the same time, so that whoever entered it first is due first: entering and leaving cost a splice,
/// and a thousand requests a second do not set a timer a thousand times.
///
/// Invariant: it owns who is listed; who is listed once is due once, or leaves first. With nobody due, no timer runs.
#pragma once

#include "core/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>

namespace teal::http {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What a connection is at.
enum class Phase {
  idle,      ///< between requests
  head,      ///< reading headers, or shaking hands
  body,      ///< reading a body
  handling,  ///< a handler has the request
  writing,   ///< a response goes out
  streaming, ///< a stream has nothing to send
  flushing,  ///< a stream's bytes go out
  farewell,  ///< all is sent: until the other side has closed, too
};
inline constexpr std::size_t k_phases = 8;

class Tenant {
public:
  virtual ~Tenant() = default;
  /// Its time is over: it enters another phase, or leaves. Must not throw.
  virtual void expire() = 0;

  [[nodiscard]] Phase phase() const { return m_phase; }

private:
  friend class DeadlineTable;
  Phase m_phase = Phase::idle;
  SteadyTime m_due;
  std::list<std::shared_ptr<Tenant>>::iterator m_position;
};

class DeadlineTable {
public:
  /// How long each phase may last; nothing: for ever.
  using Times = std::array<std::optional<Milliseconds>, k_phases>;

  DeadlineTable(boost::asio::io_context& io, const Times& times) : m_times(times), m_timer(io) {}

  void add(const std::shared_ptr<Tenant>& tenant, Phase phase);
  /// Its time begins anew, also where it was in that phase already.
  void enter(Tenant& tenant, Phase phase);
  /// The caller holds the tenant, which may have no other owner.
  void remove(Tenant& tenant);
  [[nodiscard]] std::size_t size() const { return m_size; }
  [[nodiscard]] std::size_t size(Phase phase) const { return list(phase).size(); }
  /// Who has been in that phase for longest, or null.
  [[nodiscard]] std::shared_ptr<Tenant> oldest(Phase phase) const;
  /// All in that phase now, whatever becomes of them meanwhile.
  [[nodiscard]] std::list<std::shared_ptr<Tenant>> all(Phase phase) const { return list(phase); }

private:
  using List = std::list<std::shared_ptr<Tenant>>;

  [[nodiscard]] const List& list(Phase phase) const { return m_lists.at(static_cast<std::size_t>(phase)); }
  [[nodiscard]] List& list(Phase phase) { return m_lists.at(static_cast<std::size_t>(phase)); }
  void set_due(Tenant& tenant);
  void arm(SteadyTime due);
  void ring();

  Times m_times;
  std::array<List, k_phases> m_lists;
  std::size_t m_size = 0;
  boost::asio::steady_timer m_timer;
  SteadyTime m_armed_for = SteadyTime::max(); ///< the timer rings then, or, where it is max(), not at all
};

} // namespace teal::http
