#include "api/call.hpp"

#include "api/problem.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "model/app.hpp"
#include "process/files.hpp"
#include "store/permission.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace teal::api {

namespace {

constexpr std::size_t k_quoted = 60;

std::string quote(std::string_view text) {
  return shorten(printable(text), k_quoted);
}

bool is_app_name(std::string_view text) try {
  require_app_name(text);
  return true;
} catch (const Error&) {
  return false;
}

} // namespace

http::ServerResponse json_reply(const boost::json::value& value, int status) {
  return http::json_response(status, boost::json::serialize(value) + "\n");
}

Workplace Call::workplace() const {
  return {place.home, place.environment, place.installation, store};
}

std::string Call::app(Verb verb) const {
  const std::string& name = argument();
  require(verb, name);
  return name;
}

void Call::require(Verb verb, const std::string& app) const {
  require_permission(verb, app);
  if (!is_app_name(app) || !files::exists(place.home.app(app).settings())) {
    throw Problem(404, fmt::format("there is no app '{}'", quote(app)));
  }
}

void Call::require_permission(Verb verb, std::string_view app) const {
  if (!allows(store.actions, who, app, verb)) {
    throw Problem(403, may(who, quote(app), verb).why);
  }
}

bool Call::is_allowed(Verb verb, std::string_view app) const {
  return may(who, app, verb).yes;
}

std::vector<std::string> Call::apps(Verb verb) const {
  if (const auto named = parameter("app")) {
    require(verb, *named);
    return {*named};
  }
  std::vector<std::string> found = list_apps(place.home);
  std::erase_if(found, [&](const std::string& one) { return !is_allowed(verb, one); });
  return found;
}

std::int64_t Call::id() const {
  const std::string& text = argument();
  const auto number = parse_integer(text);
  if (!number || *number < 1) {
    throw Problem(404, fmt::format("'{}' is no number of anything", quote(text)));
  }
  return *number;
}

Deployment Call::deployment(Verb verb) const {
  const std::int64_t number = id();
  auto found = store.history.deployment(number);
  if (!found || !allows(store.actions, who, found->event.app, verb, fmt::format("deployment {}", number))) {
    throw Problem(404, fmt::format("there is no deployment {}", number));
  }
  return std::move(*found);
}

std::optional<std::string> Call::parameter(std::string_view name) const {
  return m_parts.request.parameter(name);
}

std::size_t Call::limit(std::size_t otherwise, std::size_t most) const {
  const auto text = parameter("limit");
  if (!text) {
    return otherwise;
  }
  const auto number = parse_integer(*text);
  if (!number || *number < 1 || *number > static_cast<std::int64_t>(most)) {
    throw Problem(400, fmt::format("'limit' is to be a number from 1 to {}", most));
  }
  return static_cast<std::size_t>(*number);
}

Page Call::page() const {
  Page page;
  page.limit = limit(page.limit, Page::k_most);
  if (const auto text = parameter("before")) {
    page.before = parse_integer(*text);
    if (!page.before || *page.before < 1) {
      throw Problem(400, "'before' is to be an id");
    }
  }
  return page;
}

} // namespace teal::api
