#include "api/operations.hpp"

#include "api/resources.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"
#include "http/message.hpp"

#include <algorithm>
#include <array>

namespace teal::api {

namespace {

constexpr auto k_json = BodyKind::json;

constexpr std::array k_operations{
    Operation{.method = "GET", .pattern = "/openapi.json", .run = show_openapi, .is_open = true},

    Operation{.method = "GET", .pattern = "/apps", .run = list_apps},
    Operation{.method = "POST", .pattern = "/apps", .run = create_app, .is_slow = true, .body = k_json},
    Operation{.method = "GET", .pattern = "/apps/{app}", .run = show_app},
    Operation{
        .method = "DELETE", .pattern = "/apps/{app}", .run = remove_app, .is_slow = true, .parameters = "confirm"},

    Operation{.method = "GET",
              .pattern = "/apps/{app}/settings",
              .run = show_settings,
              .produces = "application/json,application/yaml"},
    Operation{.method = "PATCH", .pattern = "/apps/{app}/settings", .run = patch_settings, .body = BodyKind::patch},
    Operation{.method = "PUT", .pattern = "/apps/{app}/settings", .run = replace_settings, .body = BodyKind::yaml},

    Operation{.method = "GET", .pattern = "/apps/{app}/status", .run = show_status, .is_slow = true},
    Operation{.method = "GET", .pattern = "/apps/{app}/history", .run = show_history, .parameters = "limit"},
    Operation{.method = "GET",
              .pattern = "/apps/{app}/plan",
              .run = show_plan,
              .is_slow = true,
              .parameters = "destination,rev,image"},
    Operation{.method = "GET", .pattern = "/apps/{app}/releases", .run = list_releases},

    Operation{.method = "POST", .pattern = "/deploy", .run = deploy_named, .body = k_json},
    Operation{.method = "POST", .pattern = "/apps/{app}/deploy", .run = deploy, .body = k_json},
    Operation{
        .method = "POST", .pattern = "/apps/{app}/switch", .run = switch_traffic, .is_slow = true, .body = k_json},
    Operation{.method = "POST", .pattern = "/apps/{app}/rollback", .run = go_back, .is_slow = true, .body = k_json},
    Operation{.method = "POST", .pattern = "/apps/{app}/scale", .run = scale, .is_slow = true, .body = k_json},
    Operation{.method = "POST", .pattern = "/apps/{app}/spawn", .run = spawn, .is_slow = true, .body = k_json},
    Operation{.method = "POST", .pattern = "/apps/{app}/destroy", .run = destroy, .is_slow = true, .body = k_json},
    Operation{.method = "POST", .pattern = "/apps/{app}/freeze", .run = freeze, .body = k_json},
    Operation{.method = "POST", .pattern = "/apps/{app}/unfreeze", .run = unfreeze, .body = k_json},

    Operation{
        .method = "GET", .pattern = "/deployments", .run = list_deployments, .parameters = "app,status,before,limit"},
    Operation{.method = "GET", .pattern = "/deployments/{id}", .run = show_deployment},
    Operation{.method = "POST", .pattern = "/deployments/{id}/cancel", .run = cancel_deployment, .body = k_json},
    Operation{.method = "POST", .pattern = "/deployments/{id}/retry", .run = retry_deployment, .body = k_json},
    Operation{.method = "GET",
              .pattern = "/deployments/{id}/log",
              .run = show_log,
              .parameters = "from",
              .produces = "text/plain"},
    Operation{.method = "GET",
              .pattern = "/deployments/{id}/events",
              .run = follow_deployment,
              .produces = "text/event-stream"},

    Operation{.method = "GET", .pattern = "/queue", .run = list_queue, .parameters = "app"},
    Operation{.method = "POST", .pattern = "/apps/{app}/pause", .run = pause, .body = k_json},
    Operation{.method = "POST", .pattern = "/apps/{app}/resume", .run = resume, .body = k_json},

    Operation{.method = "GET", .pattern = "/events", .run = list_events, .parameters = "app,status,before,limit"},
    Operation{.method = "GET", .pattern = "/events/{id}", .run = show_event},

    Operation{.method = "GET", .pattern = "/audit", .run = show_audit, .parameters = "app,limit"},
};

bool is_clean(std::string_view segment) {
  const bool has_bad = std::any_of(segment.begin(), segment.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == '/';
  });
  return !segment.empty() && !has_bad && valid_utf8(segment) == segment;
}

/// What the segments behind the prefix come to by that pattern, or nothing.
std::optional<std::vector<std::string>> match(std::string_view pattern, const std::vector<std::string>& segments,
                                              std::size_t from) {
  const std::vector<std::string> wanted = split(pattern.substr(1), '/');
  if (wanted.size() != segments.size() - from) {
    return std::nullopt;
  }
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      arguments.push_back(segments[from + i]);
    } else if (wanted[i] != segments[from + i]) {
      return std::nullopt;
    }
  }
  return arguments;
}

void add_method(std::string& methods, std::string_view method) {
  methods += (methods.empty() ? "" : ", ") + std::string(method) + (method == "GET" ? ", HEAD" : "");
}

} // namespace

std::span<const Operation> operations() {
  return k_operations;
}

std::optional<std::vector<std::string>> segments_of(std::string_view target) {
  if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    const std::size_t slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  target = target.substr(0, target.find_first_of("?#"));
  if (!target.starts_with('/')) {
    return std::nullopt;
  }
  std::vector<std::string> segments;
  for (const std::string& part : split(target.substr(1), '/')) {
    auto decoded = http::percent_decode(part);
    if (!decoded || !is_clean(*decoded)) {
      return std::nullopt;
    }
    segments.push_back(std::move(*decoded));
  }
  return segments;
}

Match find_operation(std::string_view method, std::string_view target) {
  Match found;
  const auto segments = segments_of(target);
  const std::vector<std::string> prefix = split(k_prefix.substr(1), '/');
  if (!segments || segments->size() <= prefix.size() || !std::equal(prefix.begin(), prefix.end(), segments->begin())) {
    return found;
  }
  for (const Operation& one : k_operations) {
    auto arguments = match(one.pattern, *segments, prefix.size());
    if (!arguments) {
      continue;
    }
    add_method(found.methods, one.method);
    if (one.method == (method == "HEAD" ? "GET" : method)) {
      found.operation = &one;
      found.arguments = std::move(*arguments);
    }
  }
  return found;
}

} // namespace teal::api
