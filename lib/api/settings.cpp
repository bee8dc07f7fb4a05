#include "report/settings.hpp"

#include "api/body.hpp"
#include "api/problem.hpp"
#include "api/resources.hpp"
#include "api/settings_patch.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"
#include "http/hmac.hpp"
#include "report/json.hpp"
#include "upkeep/settings_change.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::api {

namespace {

namespace json = boost::json;

/// Of that very text.
std::string tag_of(const std::string& text) {
  return fmt::format("\"{}\"", http::sha256_hex(text).substr(0, 32));
}

/// Whether a header of entity tags names `tag`, or any ("*").
bool names_tag(const std::string& header, const std::string& tag) {
  const auto names = split(header, ',');
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& one) { return trim(one) == tag || trim(one) == "*"; });
}

/// Whoever may change them sees the text and all values; others what is not secret. The tag, which could be guessed
/// at, is for the former, too.
http::ServerResponse show(const Call& call, const SettingsText& text, bool is_manager) {
  json::object shown{{"settings", is_manager ? settings_json(text) : public_settings_json(text)},
                     {"text", is_manager ? json::value(to_text(text.text)) : json::value(nullptr)}};
  try {
    shown["effective"] = to_json(describe_app_settings(text, std::nullopt));
    shown["error"] = nullptr;
  } catch (const Error& error) { // somebody wrote it by hand
    shown["effective"] = nullptr;
    shown["error"] = to_json(error);
  }
  http::ServerResponse response = json_reply(shown);
  if (is_manager && call.produces() == "application/yaml") {
    response = {.status = 200, .headers = {{"Content-Type", "application/yaml"}}, .body = text.text};
  }
  if (is_manager) {
    response.headers.add("ETag", tag_of(text.text));
  }
  return response;
}

/// Only if app.yml is as whoever asks has seen it last.
Reply change(const Call& call, const std::function<std::string(const SettingsText&)>& edit) {
  const std::string app = call.app(Verb::manage);
  const http::HeaderList& headers = call.request().headers;
  if (headers.count("If-Match") == 0) {
    throw Problem(428, "say which settings it is to change: If-Match with the ETag that GET gives");
  }
  const std::string wanted = headers.joined("If-Match");
  const auto changed =
      change_settings(call.place.home, call.store,
                      {.app = app,
                       .edit = [&](const SettingsText& now) -> std::optional<std::string> {
                         return names_tag(wanted, tag_of(now.text)) ? std::optional(edit(now)) : std::nullopt;
                       },
                       .by = call.who});
  if (!changed) {
    throw Problem(412, "the settings are others by now: read them again");
  }
  return show(call, {"app.yml", *changed}, true);
}

} // namespace

Reply show_settings(Call& call) {
  const std::string app = call.app(Verb::read);
  const bool is_manager = call.is_allowed(Verb::manage, app);
  if (!is_manager && call.produces() == "application/yaml") {
    call.require_permission(Verb::manage, app);
  }
  const SettingsText text = app_settings_text(call.place.home, app);
  const std::string seen = call.request().headers.joined("If-None-Match");
  if (is_manager && !seen.empty() && names_tag(seen, tag_of(text.text))) {
    return http::ServerResponse{.status = 304, .headers = {{"ETag", tag_of(text.text)}}, .body = {}};
  }
  return show(call, text, is_manager);
}

Reply patch_settings(Call& call) {
  const json::object patch = parse_object(call.request());
  return change(call, [&](const SettingsText& now) { return patched_settings(now, patch); });
}

Reply replace_settings(Call& call) {
  const std::string& text = call.request().body;
  if (valid_utf8(text) != text) {
    throw Problem(400, "the body is no UTF-8");
  }
  return change(call, [&](const SettingsText& /*now*/) { return text; });
}

} // namespace teal::api
