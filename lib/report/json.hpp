/// @file
/// JSON: how values look in --json and in the API. Times are RFC 3339, durations whole milliseconds, sizes bytes.
///
/// Each thing that is shown has one to_json() in this folder, so that the doors which show it cannot differ.
#pragma once

#include "config/load.hpp"
#include "core/error.hpp"
#include "engine/registry_server.hpp"
#include "model/action.hpp"
#include "model/deployment.hpp"
#include "model/explanation.hpp"
#include "model/live.hpp"
#include "model/release.hpp"
#include "store/principals.hpp"
#include "traffic/switch.hpp"
#include "upkeep/checkup.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// JSON is UTF-8; what people wrote, and paths, need not be.
[[nodiscard]] boost::json::string to_text(std::string_view text);
/// null for an empty one.
[[nodiscard]] boost::json::value text_or_null(std::string_view text);
[[nodiscard]] boost::json::value time_or_null(const std::optional<TimePoint>& time);

/// {"kind", "message", "while"}: what was being done, innermost first.
[[nodiscard]] boost::json::object to_json(const Error& error);
/// {"error": …}: what a command answers that fails.
[[nodiscard]] boost::json::object failure(const Error& error);

[[nodiscard]] boost::json::object to_json(const Step& step);
[[nodiscard]] boost::json::object to_json(const Deployment& deployment);
[[nodiscard]] boost::json::object to_json(const Freeze& freeze);
[[nodiscard]] boost::json::object to_json(const Pause& pause);
[[nodiscard]] boost::json::object to_json(const Explanation& explanation);
[[nodiscard]] boost::json::object to_json(const Action& action);
/// Without its secret.
[[nodiscard]] boost::json::object to_json(const Credential& credential);
/// A list of {"app", "can"}.
[[nodiscard]] boost::json::array to_json(const std::vector<Grant>& grants);
[[nodiscard]] boost::json::object to_json(const SwitchResult& result);
[[nodiscard]] boost::json::object to_json(const Release& release);

/// How a rollback got there, where it took no deployment.
enum class RollbackWay { nothing, traffic };
[[nodiscard]] boost::json::object to_json(const Release& release, RollbackWay way);
/// An app that was removed, and what stays of it, in words.
[[nodiscard]] boost::json::object removed_json(std::string_view app, std::string_view left);
/// An app that was just frozen, and how many deployments that waited will not run.
[[nodiscard]] boost::json::object frozen_json(const Freeze& freeze, int held);
/// One that no longer is, and what was asked for meanwhile and is deployed now.
[[nodiscard]] boost::json::object unfrozen_json(std::string_view app, bool was_frozen,
                                                const std::vector<std::int64_t>& deployed);
[[nodiscard]] boost::json::object paused_json(const Pause& pause, bool was_paused);
/// One that no longer is; `waiting`: deployments that begin, or are due later.
[[nodiscard]] boost::json::object resumed_json(std::string_view app, bool was_paused, int waiting);
[[nodiscard]] boost::json::object to_json(const engine::RegistryStatus& status);
/// A list of {"key", "value", "origin"}.
[[nodiscard]] boost::json::array to_json(const std::vector<SettingValue>& settings);
/// A list of {"good", "subject", "text"}.
[[nodiscard]] boost::json::array to_json(const std::vector<Finding>& findings);

} // namespace teal
