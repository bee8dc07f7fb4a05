/// @file
/// Narrator: one thread that tells all open streams what is new.
///
/// Invariant: of each reader at most some pieces wait to be taken; one that takes nothing is cut off by the server in
/// its time. Whose token is worth nothing any more, or may no more what the stream tells, hears nothing more. Without
/// readers nothing wakes up.
#pragma once

#include "api/narrative.hpp"
#include "api/news.hpp"
#include "core/clock.hpp"
#include "http/handler.hpp"
#include "model/home.hpp"
#include "model/principal.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace teal::api {

/// By what a stream was let in.
struct Ticket {
  std::string proof; ///< of the token (Credential::proof)
  std::string app;
  Verb verb = Verb::logs;
};

class Narrator {
public:
  static constexpr std::size_t k_most = 200; ///< streams
  static constexpr Milliseconds k_heartbeat = std::chrono::seconds(15);

  Narrator(const Home& home, const Clock& clock, std::function<void(const std::string&)> report,
           Milliseconds heartbeat = k_heartbeat);
  Narrator(const Narrator&) = delete;
  Narrator& operator=(const Narrator&) = delete;
  ~Narrator();

  /// Whether one more may be told to. From any thread, as add().
  [[nodiscard]] bool has_room() const { return m_count < k_most; }
  void add(http::Stream stream, std::unique_ptr<Narrative> narrative, Ticket ticket);

private:
  struct Reader {
    http::Stream stream;
    std::unique_ptr<Narrative> narrative;
    Ticket ticket;
    std::shared_ptr<std::atomic<bool>> is_hungry; ///< it has taken all that was written
    Stopwatch silence;
  };

  void run(const std::stop_token& end);
  void take_new(std::vector<Reader>& readers);
  void tell_all(std::vector<Reader>& readers, const Store& store, bool is_store_new);
  /// Whether it stays.
  [[nodiscard]] bool tell(Reader& reader, const Store& store) const;
  [[nodiscard]] bool write(Reader& reader, const std::string& text) const;

  const Home m_home;
  const Clock& m_clock;
  const std::function<void(const std::string&)> m_report;
  const Milliseconds m_heartbeat;
  std::shared_ptr<News> m_news; ///< also of streams that are gone, and tell so
  std::atomic<std::size_t> m_count{0};
  std::mutex m_mutex; // of what follows
  std::vector<Reader> m_new;
  std::jthread m_thread;
};

} // namespace teal::api
