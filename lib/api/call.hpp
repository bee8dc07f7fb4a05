/// @file
/// Call: a request that was let in, as those who answer it see it, and what they answer.
#pragma once

#include "api/narrative.hpp"
#include "http/message.hpp"
#include "model/home.hpp"
#include "model/principal.hpp"
#include "process/installation.hpp"
#include "process/subprocess.hpp"
#include "request/submission.hpp"
#include "store/store.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::api {

/// Where the API works.
struct Place {
  Home home;
  Environment environment; ///< of runners, git and routers
  Installation installation;
  const Clock& clock;
};

struct Reply {
  Reply(http::ServerResponse answer) : response(std::move(answer)) {}

  http::ServerResponse response;
  std::unique_ptr<Narrative> narrative = nullptr; ///< goes on behind `response`
};

/// JSON of a line.
[[nodiscard]] http::ServerResponse json_reply(const boost::json::value& value, int status = 200);

/// Pages of what is listed newest first.
struct Page {
  static constexpr std::size_t k_most = 200;

  std::optional<std::int64_t> before; ///< an id
  std::size_t limit = 50;
};

class Call {
public:
  /// Each is for as long as the call.
  struct Parts {
    const Place& place;
    Store& store;
    const Principal& who;
    const http::ServerRequest& request;
    const std::vector<std::string>& arguments; ///< of the path
    std::string_view produces;                 ///< the type that whoever asks takes
  };
  explicit Call(const Parts& parts) : place(parts.place), store(parts.store), who(parts.who), m_parts(parts) {}

  const Place& place;
  Store& store;
  const Principal& who;

  [[nodiscard]] const http::ServerRequest& request() const { return m_parts.request; }
  [[nodiscard]] std::string_view produces() const { return m_parts.produces; }
  /// What a deployment is asked for in.
  [[nodiscard]] Workplace workplace() const;

  /// The app that the path names, which is there, and which they may do that with. Throws Problem(403), which tells
  /// nothing of what is there, or Problem(404).
  [[nodiscard]] std::string app(Verb verb) const;
  /// The same of an app that is named elsewhere.
  void require(Verb verb, const std::string& app) const;
  /// Throws Problem(403) unless they may; the app may be none.
  void require_permission(Verb verb, std::string_view app) const;
  [[nodiscard]] bool is_allowed(Verb verb, std::string_view app) const;
  /// Those of the home's apps that they may do that with; of one that a parameter names, that one, as app() has it.
  [[nodiscard]] std::vector<std::string> apps(Verb verb) const;
  /// What the path names.
  [[nodiscard]] const std::string& argument() const { return m_parts.arguments.front(); }
  /// The number that it is; throws Problem(404) for what is none.
  [[nodiscard]] std::int64_t id() const;
  /// Throws Problem(404) where there is none, or none that they may do that with.
  [[nodiscard]] Deployment deployment(Verb verb) const;

  /// Of the request's query.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
  /// `before` and `limit` of it. Throws Problem(400).
  [[nodiscard]] Page page() const;
  [[nodiscard]] std::size_t limit(std::size_t otherwise, std::size_t most) const;

private:
  Parts m_parts;
};

} // namespace teal::api
