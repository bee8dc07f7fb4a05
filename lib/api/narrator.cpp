#include "api/narrator.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace teal::api {

namespace {

/// What is written in many small pieces is told in fewer.
constexpr Milliseconds k_gathering(5);

/// Of what is new, as much as may wait for its reader at a time.
std::string some_of(Narrative& narrative, const Store& store) {
  constexpr std::size_t k_enough = 4 * Narrative::k_piece;
  std::string news;
  while (news.size() < k_enough && !narrative.is_over()) {
    const std::string piece = narrative.next(store);
    if (piece.empty()) {
      break;
    }
    news += piece;
  }
  return news;
}

bool may_hear(const Store& store, const Ticket& ticket) {
  const auto found = store.principals.find_by_proof(Principal::Kind::api_token, ticket.proof);
  return found && may(found->principal, ticket.app, ticket.verb).yes;
}

} // namespace

Narrator::Narrator(const Home& home, const Clock& clock, std::function<void(const std::string&)> report,
                   Milliseconds heartbeat)
    : m_home(home), m_clock(clock), m_report(std::move(report)), m_heartbeat(heartbeat),
      m_news(std::make_shared<News>(home)) {}

Narrator::~Narrator() {
  std::jthread thread;
  {
    const std::lock_guard guard(m_mutex);
    thread = std::move(m_thread);
  }
  thread.request_stop();
  m_news->call();
}

void Narrator::add(http::Stream stream, std::unique_ptr<Narrative> narrative, Ticket ticket) {
  const auto is_hungry = std::make_shared<std::atomic<bool>>(true);
  stream.on_drained([is_hungry, news = m_news] {
    is_hungry->store(true);
    news->call();
  });
  stream.on_close([news = m_news] { news->call(); });
  const std::lock_guard guard(m_mutex);
  ++m_count;
  m_new.push_back({.stream = std::move(stream),
                   .narrative = std::move(narrative),
                   .ticket = std::move(ticket),
                   .is_hungry = is_hungry,
                   .silence = {}});
  if (!m_thread.joinable()) {
    m_thread = std::jthread([this](const std::stop_token& end) { run(end); });
  }
  m_news->call();
}

void Narrator::take_new(std::vector<Reader>& readers) {
  const std::lock_guard guard(m_mutex);
  for (Reader& reader : m_new) {
    readers.push_back(std::move(reader));
  }
  m_new.clear();
}

void Narrator::run(const std::stop_token& end) {
  std::vector<Reader> readers;
  std::optional<Store> store;
  std::int64_t version = 0;
  while (!end.stop_requested()) {
    try {
      const std::size_t before = readers.size();
      take_new(readers);
      if (readers.empty()) {
        store.reset();
        m_news->forget_logs();
        m_news->wait(std::nullopt);
        continue;
      }
      if (!store) {
        store.emplace(m_home.store(), m_clock);
      }
      for (auto added = readers.begin() + static_cast<std::ptrdiff_t>(before); added != readers.end(); ++added) {
        m_news->watch_logs(added->ticket.app);
      }
      const std::int64_t now = store->database.version();
      tell_all(readers, *store, std::exchange(version, now) != now || readers.size() != before);
    } catch (const Error& error) {
      m_report(fmt::format("those who follow are left: {}", error.message()));
      m_count -= readers.size();
      readers.clear();
    }
    if (!readers.empty()) {
      m_news->wait(m_heartbeat);
      sleep_unless(end, k_gathering);
    }
  }
}

void Narrator::tell_all(std::vector<Reader>& readers, const Store& store, bool is_store_new) {
  const auto leaves = [&](Reader& reader) {
    if (is_store_new && !may_hear(store, reader.ticket)) {
      return true;
    }
    try {
      return !tell(reader, store);
    } catch (const Error& error) {
      m_report(fmt::format("somebody who follows '{}' is left: {}", reader.ticket.app, error.message()));
      return true;
    }
  };
  const std::size_t before = readers.size();
  std::erase_if(readers, leaves);
  m_count -= before - readers.size();
}

bool Narrator::tell(Reader& reader, const Store& store) const {
  while (reader.is_hungry->load() && !reader.narrative->is_over()) {
    const std::string news = some_of(*reader.narrative, store);
    if (news.empty()) {
      break;
    }
    if (!write(reader, news)) {
      return false;
    }
  }
  if (reader.narrative->is_over()) {
    return false; // with the stream's end all that was written goes out
  }
  if (reader.is_hungry->load() && reader.silence.elapsed() >= m_heartbeat) {
    return write(reader, reader.narrative->heartbeat());
  }
  return reader.stream.is_open();
}

bool Narrator::write(Reader& reader, const std::string& text) const {
  reader.is_hungry->store(text.empty());
  reader.silence = Stopwatch();
  return reader.stream.write(text) == http::Stream::Written::taken;
}

} // namespace teal::api
