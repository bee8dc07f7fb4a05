/// @file
/// RecordingForge: a server that answers what a test tells it to, one answer after the other, and keeps what it was
/// asked.
#pragma once

#include "forge/forge_api.hpp"
#include "http/server.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace teal {

class FixedClock final : public Clock {
public:
  [[nodiscard]] TimePoint now() const override { return TimePoint(Milliseconds(1'700'000'000'000)); }
};

class RecordingForge : public http::Handler {
public:
  RecordingForge() : m_server({.listen = {{"127.0.0.1", 0}}, .tls = {}, .limits = {}}, *this) {}

  /// The next answer; where none is left: 200 and "{}".
  void answer(int status, const std::string& body = "{}", const http::HeaderList& headers = {}) {
    const std::lock_guard guard(m_mutex);
    m_answers.push_back({.status = status, .headers = headers, .body = body});
  }
  [[nodiscard]] std::string url() const {
    return fmt::format("http://127.0.0.1:{}", m_server.addresses().front().port);
  }
  [[nodiscard]] std::size_t count() const {
    const std::lock_guard guard(m_mutex);
    return m_requests.size();
  }
  [[nodiscard]] http::ServerRequest request(std::size_t index) const {
    const std::lock_guard guard(m_mutex);
    return m_requests.at(index);
  }
  /// "POST /repos/ada/shop/hooks" of the newest.
  [[nodiscard]] std::string asked() const {
    const auto last = request(count() - 1);
    return last.method + " " + last.target;
  }
  [[nodiscard]] boost::json::value body() const { return boost::json::parse(request(count() - 1).body); }

  /// Its API, by which nothing is waited for.
  [[nodiscard]] std::unique_ptr<forge::ForgeApi> api(SourceSettings::Forge kind, const std::string& path = "",
                                                     forge::CallOptions options = {}) const {
    options.first_pause = Milliseconds(1);
    return forge::make_api(kind, {.api = url() + path, .repo = "ada/shop", .token = "tok"}, std::move(options),
                           m_clock);
  }
  [[nodiscard]] const Clock& clock() const { return m_clock; }

  std::variant<http::Admission, http::ServerResponse> admit(const http::ServerRequest& /*head*/) override {
    return http::Admission{};
  }
  void handle(http::ServerRequest request, http::Responder responder) override {
    http::ServerResponse response{.status = 200, .headers = {}, .body = "{}"};
    {
      const std::lock_guard guard(m_mutex);
      m_requests.push_back(std::move(request));
      if (!m_answers.empty()) {
        response = std::move(m_answers.front());
        m_answers.pop_front();
      }
    }
    responder.respond(std::move(response));
  }

private:
  mutable std::mutex m_mutex; // of what follows
  std::deque<http::ServerResponse> m_answers;
  std::vector<http::ServerRequest> m_requests;
  FixedClock m_clock;
  http::Server m_server; // last: it uses the others
};

/// The error that `work` ends with.
template <class Work>
forge::ApiError failure_of(const Work& work) {
  try {
    work();
  } catch (const forge::ApiError& error) {
    return error;
  }
  FAIL("it did not fail");
  return {ErrorKind::internal, "", 0};
}

} // namespace teal
