#include "serve/journal.hpp"

#include <set>

namespace teal::serve {

namespace {

std::size_t size_of(const StoredDelivery& delivery) {
  return delivery.payload.size() + delivery.headers.size() + sizeof delivery;
}

} // namespace

Journal::Journal(const std::filesystem::path& store, std::function<void(const std::string&)> on_stored,
                 std::size_t most_bytes)
    : m_database(store), m_deliveries(m_database), m_on_stored(std::move(on_stored)), m_most_bytes(most_bytes),
      m_thread([this] { run(); }) {}

Journal::~Journal() {
  {
    const std::lock_guard guard(m_mutex);
    m_is_ending = true;
  }
  m_changed.notify_one();
  m_thread.join();
}

bool Journal::add(StoredDelivery delivery, Answer answer) {
  {
    const std::lock_guard guard(m_mutex);
    const std::size_t size = size_of(delivery);
    if (!m_waiting.empty() && m_bytes + size > m_most_bytes) {
      return false;
    }
    m_bytes += size;
    m_waiting.push_back(std::move(delivery));
    m_answers.push_back(std::move(answer));
    if (m_waiting.size() > 1) {
      return true; // whoever woke it for the first one
    }
  }
  m_changed.notify_one();
  return true;
}

std::optional<std::string> Journal::fault() const {
  const std::lock_guard guard(m_mutex);
  return m_fault;
}

void Journal::run() {
  std::vector<StoredDelivery> deliveries;
  std::vector<Answer> answers;
  for (;;) {
    {
      std::unique_lock lock(m_mutex);
      m_changed.wait(lock, [this] { return m_is_ending || !m_waiting.empty(); });
      if (m_waiting.empty()) {
        return;
      }
      deliveries.swap(m_waiting);
      answers.swap(m_answers);
      m_bytes = 0;
    }
    store(deliveries, answers);
    deliveries.clear();
    answers.clear();
  }
}

void Journal::store(std::vector<StoredDelivery>& deliveries, std::vector<Answer>& answers) {
  std::vector<Deliveries::Taken> taken;
  std::optional<Error> fault;
  try {
    taken = m_deliveries.add(deliveries);
  } catch (const Error& error) {
    fault = error;
  } catch (const std::exception& error) {
    fault = Error(ErrorKind::internal, error.what());
  }
  {
    const std::lock_guard guard(m_mutex);
    m_fault = fault ? std::optional(fault->message()) : std::nullopt;
  }
  std::set<std::string> apps;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    answers[i](fault ? Result(*fault) : Result(taken[i]));
    if (!fault && taken[i].is_new) {
      apps.insert(std::move(deliveries[i].app));
    }
  }
  for (const std::string& app : apps) {
    m_on_stored(app);
  }
}

} // namespace teal::serve
