#include "support/forge_stand_in.hpp"

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "http/hmac.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

namespace json = boost::json;
using Kind = ForgeStandIn::Kind;

std::string text(const json::value& value, std::initializer_list<const char*> path) {
  const json::value* at = &value;
  for (const char* key : path) {
    at = at->is_object() ? at->as_object().if_contains(key) : nullptr;
    if (at == nullptr) {
      return {};
    }
  }
  return at->is_string() ? std::string(at->as_string()) : at->is_null() ? "" : json::serialize(*at);
}

json::value parse(const std::string& body) {
  boost::system::error_code fault;
  json::value value = json::parse(body, fault);
  return fault ? json::value() : value;
}

http::ServerResponse in_json(int status, const json::value& body) {
  return http::json_response(status, json::serialize(body));
}

http::ServerResponse refusal(int status, const std::string& message) {
  return in_json(status, {{"message", message}});
}

/// As each of them has it, below the API's own path.
std::string path_of(Kind kind, const std::string& repo) {
  switch (kind) {
  case Kind::github:
    return "/repos/" + repo;
  case Kind::gitea:
    return "/api/v1/repos/" + repo;
  case Kind::gitlab:
    return "/api/v4/projects/" + repo; // percent-decoded
  case Kind::bitbucket:
    break;
  }
  return "/2.0/repositories/" + repo;
}

json::array to_array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& one : texts) {
    array.emplace_back(one);
  }
  return array;
}

bool has(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

} // namespace

ForgeStandIn::ForgeStandIn(Options options)
    : m_options(std::move(options)),
      m_server({.listen = {{"127.0.0.1", m_options.port}}, .tls = {}, .limits = {}}, *this) {}

ForgeStandIn::~ForgeStandIn() {
  {
    const std::lock_guard guard(m_mutex);
    m_hanging.clear();
  }
  static_cast<void>(m_server.stop(Milliseconds(0)));
}

std::string ForgeStandIn::api() const {
  const std::string base = m_options.kind == Kind::github   ? ""
                           : m_options.kind == Kind::gitea  ? "/api/v1"
                           : m_options.kind == Kind::gitlab ? "/api/v4"
                                                            : "/2.0";
  return fmt::format("http://127.0.0.1:{}{}", port(), base);
}

std::vector<ForgeStandIn::Hook> ForgeStandIn::hooks() const {
  const std::lock_guard guard(m_mutex);
  return m_hooks;
}
std::vector<ForgeStandIn::Status> ForgeStandIn::statuses() const {
  const std::lock_guard guard(m_mutex);
  return m_statuses;
}
std::vector<ForgeStandIn::Deployment> ForgeStandIn::deployments() const {
  const std::lock_guard guard(m_mutex);
  return m_deployments;
}
std::vector<ForgeStandIn::Delivery> ForgeStandIn::deliveries() const {
  const std::lock_guard guard(m_mutex);
  return m_deliveries;
}
std::vector<std::string> ForgeStandIn::requests() const {
  const std::lock_guard guard(m_mutex);
  return m_requests;
}
void ForgeStandIn::change_hooks(const std::function<void(std::vector<Hook>&)>& change) {
  const std::lock_guard guard(m_mutex);
  change(m_hooks);
}
void ForgeStandIn::lose_deliveries(bool loses) {
  const std::lock_guard guard(m_mutex);
  m_loses = loses;
}
void ForgeStandIn::have_trouble(Trouble trouble) {
  const std::lock_guard guard(m_mutex);
  m_troubles.push_back(std::move(trouble));
}
void ForgeStandIn::be_well() {
  const std::lock_guard guard(m_mutex);
  m_troubles.clear();
}
bool ForgeStandIn::is_well() const {
  const std::lock_guard guard(m_mutex);
  return m_troubles.empty();
}

std::vector<int> ForgeStandIn::push(const std::string& ref, const std::string& before, const std::string& after) {
  Event event = event_of(ref, before, after);
  {
    const std::lock_guard guard(m_mutex);
    event.guid = fmt::format("{:08x}-{}", m_start, ++m_last_id);
    m_events.push_back(event);
  }
  const std::string wanted = m_options.kind == Kind::bitbucket ? "repo:push" : "push";
  std::vector<int> answers;
  for (const Hook& hook : hooks()) {
    if (hook.is_active && has(hook.events, wanted)) {
      answers.push_back(deliver(hook, event, false));
    }
  }
  return answers;
}

ForgeStandIn::Event ForgeStandIn::event_of(const std::string& ref, const std::string& before,
                                           const std::string& after) const {
  json::object body{{"ref", ref}, {"before", before}, {"after", after}, {"commits", json::array()}};
  const std::string name = ref.substr(ref.find('/', 5) + 1);
  switch (m_options.kind) {
  case Kind::github:
  case Kind::gitea:
    body["repository"] = {{"full_name", m_options.repo}, {"clone_url", m_options.clone_url}};
    body["pusher"] = {{"name", "ada"}, {"login", "ada"}};
    return {.guid = {}, .body = json::serialize(body), .event = "push"};
  case Kind::gitlab:
    body["object_kind"] = "push";
    body["checkout_sha"] = after;
    body["user_username"] = "ada";
    body["project"] = {{"path_with_namespace", m_options.repo}, {"git_http_url", m_options.clone_url}};
    return {.guid = {},
            .body = json::serialize(body),
            .event = ref.starts_with("refs/tags/") ? "Tag Push Hook" : "Push Hook"};
  case Kind::bitbucket:
    break;
  }
  const auto side = [&](const std::string& commit) -> json::value {
    return {{"type", ref.starts_with("refs/tags/") ? "tag" : "branch"},
            {"name", name},
            {"target", {{"hash", commit}, {"message", "m"}}}};
  };
  const json::object change{{"old", side(before)}, {"new", side(after)}, {"forced", false}};
  const json::object whole{
      {"push", {{"changes", json::array{change}}}},
      {"actor", {{"nickname", "ada"}}},
      {"repository",
       {{"full_name", m_options.repo}, {"links", {{"html", {{"href", "https://bitbucket.org/" + m_options.repo}}}}}}}};
  return {.guid = {}, .body = json::serialize(whole), .event = "repo:push"};
}

/// Without the lock: whoever is told may ask us something.
int ForgeStandIn::deliver(const Hook& hook, const Event& event, bool is_again) {
  const std::string signature = http::hmac_hex(http::Hash::sha256, hook.secret, event.body);
  http::Headers headers{{"Content-Type", "application/json"}};
  switch (m_options.kind) {
  case Kind::github:
    headers.insert({{"X-GitHub-Event", event.event},
                    {"X-GitHub-Delivery", event.guid},
                    {"X-Hub-Signature-256", "sha256=" + signature}});
    break;
  case Kind::gitea:
    headers.insert(
        {{"X-Gitea-Event", event.event}, {"X-Gitea-Delivery", event.guid}, {"X-Gitea-Signature", signature}});
    break;
  case Kind::gitlab:
    headers.insert(
        {{"X-Gitlab-Event", event.event}, {"X-Gitlab-Event-UUID", event.guid}, {"X-Gitlab-Token", hook.secret}});
    break;
  case Kind::bitbucket:
    headers.insert(
        {{"X-Event-Key", event.event}, {"X-Request-UUID", event.guid}, {"X-Hub-Signature", "sha256=" + signature}});
    break;
  }
  bool is_lost = false;
  {
    const std::lock_guard guard(m_mutex);
    is_lost = m_loses;
  }
  int status = 0;
  try {
    const std::size_t path = hook.url.find('/', hook.url.find("://") + 3);
    if (!is_lost) {
      status = http::Client(http::parse_endpoint(hook.url.substr(0, path)))
                   .request({.method = "POST", .target = hook.url.substr(path), .headers = headers, .body = event.body})
                   .status;
    }
  } catch (const Error&) {
    status = 0;
  }
  const std::lock_guard guard(m_mutex);
  m_deliveries.push_back({.id = std::to_string(++m_last_id),
                          .guid = event.guid,
                          .hook = hook.id,
                          .status = status,
                          .is_again = is_again,
                          .at = SystemClock().now()});
  return status;
}

std::variant<http::Admission, http::ServerResponse> ForgeStandIn::admit(const http::ServerRequest& /*head*/) {
  return http::Admission{};
}

void ForgeStandIn::handle(http::ServerRequest request, http::Responder responder) {
  std::function<void()> after;
  http::ServerResponse response;
  if (request.path.starts_with("/-/")) {
    response = control(request);
  } else {
    const std::lock_guard guard(m_mutex);
    m_requests.push_back(request.method + " " + request.target);
    if (answer_with_trouble(request, responder)) {
      return;
    }
    response = is_believed(request) ? answer(request) : refusal(401, "Bad credentials");
    after = std::exchange(m_after, {});
  }
  responder.respond(std::move(response));
  if (after) {
    after();
  }
}

bool ForgeStandIn::is_believed(const http::ServerRequest& request) const {
  switch (m_options.kind) {
  case Kind::github:
  case Kind::bitbucket:
    return request.headers.first("Authorization") == "Bearer " + m_options.token;
  case Kind::gitea:
    return request.headers.first("Authorization") == "token " + m_options.token;
  case Kind::gitlab:
    break;
  }
  return request.headers.first("PRIVATE-TOKEN") == m_options.token;
}

bool ForgeStandIn::answer_with_trouble(const http::ServerRequest& request, http::Responder& responder) {
  const auto found = std::find_if(m_troubles.begin(), m_troubles.end(),
                                  [&](const Trouble& one) { return request.path.find(one.path) != std::string::npos; });
  if (found == m_troubles.end()) {
    return false;
  }
  const Trouble trouble = *found;
  if (--found->count == 0) {
    m_troubles.erase(found);
  }
  if (trouble.hangs) {
    m_hanging.push_back(std::move(responder));
  } else {
    responder.respond({.status = trouble.status, .headers = trouble.headers, .body = trouble.body});
  }
  return true;
}

/// Of a person, or a repository's own hook: POST /-/push?ref=…&before=…&after=…, and GET /-/state.
http::ServerResponse ForgeStandIn::control(const http::ServerRequest& request) {
  if (request.path == "/-/push") {
    std::string answers;
    for (const int status : push(request.parameter("ref").value_or(""), request.parameter("before").value_or(""),
                                 request.parameter("after").value_or(""))) {
      answers += fmt::format("delivered: {}\n", status);
    }
    return {.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = answers};
  }
  std::string lines;
  for (const Hook& one : hooks()) {
    lines += fmt::format("webhook {}\n", one.url);
  }
  for (const Status& one : statuses()) {
    lines += fmt::format("status {} {} {} {}\n", one.commit.substr(0, 7), one.context, one.state, one.description);
  }
  for (const Deployment& one : deployments()) {
    lines += fmt::format("deployment {} {} {}\n", one.commit.substr(0, 7), one.environment, join(one.states, " "));
  }
  return {.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = lines};
}

http::ServerResponse ForgeStandIn::answer(const http::ServerRequest& request) {
  const std::string base = path_of(m_options.kind, m_options.repo);
  if (request.path == base && request.method == "GET") {
    return in_json(200, {{"clone_url", m_options.clone_url},
                         {"http_url_to_repo", m_options.clone_url},
                         {"links", {{"clone", json::array{{{"name", "https"}, {"href", m_options.clone_url}}}}}}});
  }
  if (!request.path.starts_with(base + "/")) {
    return refusal(404, "Not Found");
  }
  const std::string rest = request.path.substr(base.size());
  const auto after = [&rest](const std::string& prefix) -> std::optional<std::string> {
    return rest.starts_with(prefix) ? std::optional(rest.substr(prefix.size())) : std::nullopt;
  };
  if (const auto hook = after("/hooks")) {
    return answer_hooks(request, *hook);
  }
  if (const auto deployment = after("/deployments"); deployment && m_options.kind == Kind::github) {
    return answer_deployments(request, *deployment);
  }
  if (const auto commit = after("/statuses/"); commit && m_options.kind != Kind::bitbucket) {
    return take_status(request, *commit);
  }
  const std::string build = "/statuses/build";
  if (const auto commit = after("/commit/"); commit && m_options.kind == Kind::bitbucket && commit->ends_with(build)) {
    return take_status(request, commit->substr(0, commit->size() - build.size()));
  }
  return refusal(404, "Not Found");
}

json::object ForgeStandIn::shown(const Hook& hook) const {
  switch (m_options.kind) {
  case Kind::github:
    return {{"id", parse_integer(hook.id).value_or(0)},
            {"active", hook.is_active},
            {"events", to_array(hook.events)},
            {"config",
             {{"url", hook.url},
              {"content_type", hook.content_type},
              {"insecure_ssl", hook.checks_certificate ? "0" : "1"},
              {"secret", hook.secret.empty() ? json::value() : json::value("********")}}}};
  case Kind::gitea:
    return {{"id", parse_integer(hook.id).value_or(0)},
            {"type", "gitea"},
            {"active", hook.is_active},
            {"events", to_array(hook.events)},
            {"config", {{"url", hook.url}, {"content_type", hook.content_type}}}};
  case Kind::gitlab:
    return {{"id", parse_integer(hook.id).value_or(0)},
            {"url", hook.url},
            {"push_events", has(hook.events, "push")},
            {"tag_push_events", has(hook.events, "tag")},
            {"enable_ssl_verification", hook.checks_certificate},
            {"alert_status", hook.is_active ? "executable" : "disabled"}};
  case Kind::bitbucket:
    break;
  }
  return {{"uuid", "{" + hook.id + "}"},
          {"url", hook.url},
          {"active", hook.is_active},
          {"events", to_array(hook.events)},
          {"skip_cert_verification", !hook.checks_certificate},
          {"secret_set", !hook.secret.empty()}};
}

void ForgeStandIn::read(const json::value& body, Hook& hook) const {
  const bool nests = m_options.kind == Kind::github || m_options.kind == Kind::gitea;
  const auto at = [&](const char* key) { return nests ? text(body, {"config", key}) : text(body, {key}); };
  hook.url = at("url");
  hook.secret = m_options.kind == Kind::gitlab ? text(body, {"token"}) : at("secret");
  hook.is_active = m_options.kind == Kind::gitlab || text(body, {"active"}) == "true";
  hook.content_type = nests ? at("content_type") : "json";
  hook.checks_certificate = at("insecure_ssl") != "1" && text(body, {"skip_cert_verification"}) != "true" &&
                            text(body, {"enable_ssl_verification"}) != "false";
  hook.events.clear();
  if (m_options.kind == Kind::gitlab) {
    for (const auto& [key, event] : {std::pair{"push_events", "push"}, std::pair{"tag_push_events", "tag"}}) {
      if (text(body, {key}) == "true") {
        hook.events.emplace_back(event);
      }
    }
  } else if (const json::value* events = body.as_object().if_contains("events"); events != nullptr) {
    for (const json::value& one : events->as_array()) {
      hook.events.emplace_back(one.as_string());
    }
  }
}

http::ServerResponse ForgeStandIn::answer_hooks(const http::ServerRequest& request, const std::string& rest) {
  if (!rest.empty()) {
    const std::size_t slash = rest.find('/', 1);
    std::string id = rest.substr(1, slash == std::string::npos ? slash : slash - 1);
    std::erase_if(id, [](char c) { return c == '{' || c == '}'; });
    return answer_hook(request, id, slash == std::string::npos ? "" : rest.substr(slash));
  }
  if (request.method == "GET") {
    return list_hooks(request);
  }
  const json::value body = parse(request.body);
  if (request.method != "POST" || !body.is_object()) {
    return refusal(400, "Problems parsing JSON");
  }
  Hook hook{.id = std::to_string(++m_last_id)};
  read(body, hook);
  const bool is_there =
      std::any_of(m_hooks.begin(), m_hooks.end(), [&](const Hook& one) { return one.url == hook.url; });
  if (is_there && m_options.kind == Kind::github) {
    return in_json(422, {{"message", "Validation Failed"},
                         {"errors", json::array{{{"message", "Hook already exists on this repository"}}}}});
  }
  m_hooks.push_back(hook);
  return in_json(201, shown(hook));
}

http::ServerResponse ForgeStandIn::list_hooks(const http::ServerRequest& request) const {
  const auto number = [&](const char* name, std::int64_t otherwise) {
    return static_cast<std::size_t>(parse_integer(request.parameter(name).value_or("")).value_or(otherwise));
  };
  const char* size_name = m_options.kind == Kind::gitea       ? "limit"
                          : m_options.kind == Kind::bitbucket ? "pagelen"
                                                              : "per_page";
  const std::size_t size = std::min(number(size_name, 10), m_options.largest_page);
  const std::size_t page = number("page", 1);
  json::array items;
  for (std::size_t i = (page - 1) * size; i < std::min(page * size, m_hooks.size()); ++i) {
    items.emplace_back(shown(m_hooks[i]));
  }
  const bool has_more = page * size < m_hooks.size();
  const std::string next = fmt::format("{}{}/hooks?{}={}&page={}", fmt::format("http://127.0.0.1:{}", port()),
                                       path_of(m_options.kind, m_options.repo), size_name, size, page + 1);
  if (m_options.kind == Kind::bitbucket) {
    json::object whole{{"values", items}, {"pagelen", size}};
    if (has_more) {
      whole["next"] = next;
    }
    return in_json(200, whole);
  }
  http::ServerResponse response = in_json(200, items);
  if (m_options.kind == Kind::gitea) {
    response.headers.add("X-Total-Count", std::to_string(m_hooks.size()));
  } else if (has_more) {
    response.headers.add("Link", fmt::format("<{}>; rel=\"next\", <{}>; rel=\"last\"", next, next));
  }
  return response;
}

http::ServerResponse ForgeStandIn::answer_hook(const http::ServerRequest& request, const std::string& id,
                                               const std::string& rest) {
  const auto found = std::find_if(m_hooks.begin(), m_hooks.end(), [&](const Hook& one) { return one.id == id; });
  if (found == m_hooks.end()) {
    return refusal(404, "Not Found");
  }
  const char* update = m_options.kind == Kind::github || m_options.kind == Kind::gitea ? "PATCH" : "PUT";
  if (rest.empty() && request.method == update) {
    const json::value body = parse(request.body);
    if (!body.is_object()) {
      return refusal(400, "Problems parsing JSON");
    }
    read(body, *found);
    return in_json(200, shown(*found));
  }
  if (rest.empty() && request.method == "DELETE") {
    m_hooks.erase(found);
    return {.status = 204, .headers = {}, .body = {}};
  }
  if (request.method == "POST" && (rest == "/pings" || rest == "/tests" || rest == "/test/push_events")) {
    return {.status = 204, .headers = {}, .body = {}};
  }
  if (m_options.kind != Kind::github || !rest.starts_with("/deliveries")) {
    return refusal(404, "Not Found");
  }
  if (request.method == "GET") {
    return list_deliveries(request, id);
  }
  const auto delivery = std::find_if(m_deliveries.begin(), m_deliveries.end(), [&](const Delivery& one) {
    return rest == fmt::format("/deliveries/{}/attempts", one.id);
  });
  if (delivery == m_deliveries.end()) {
    return refusal(404, "Not Found");
  }
  const auto event =
      std::find_if(m_events.begin(), m_events.end(), [&](const Event& one) { return one.guid == delivery->guid; });
  m_after = [this, hook = *found, event = *event] { deliver(hook, event, true); };
  return in_json(202, json::object());
}

/// Newest first; the cursor is the place where the next page begins.
http::ServerResponse ForgeStandIn::list_deliveries(const http::ServerRequest& request, const std::string& hook) const {
  const auto at = static_cast<std::size_t>(parse_integer(request.parameter("cursor").value_or("")).value_or(0));
  std::vector<Delivery> all(m_deliveries.rbegin(), m_deliveries.rend());
  std::erase_if(all, [&](const Delivery& one) { return one.hook != hook; });
  json::array items;
  std::size_t i = at;
  for (; i < std::min(at + m_options.largest_page, all.size()); ++i) {
    items.push_back({{"id", parse_integer(all[i].id).value_or(0)},
                     {"guid", all[i].guid},
                     {"delivered_at", format_time(all[i].at)},
                     {"redelivery", all[i].is_again},
                     {"status", all[i].status / 100 == 2 ? "OK" : "Invalid HTTP Response"},
                     {"status_code", all[i].status},
                     {"event", "push"}});
  }
  http::ServerResponse response = in_json(200, items);
  if (i < all.size()) {
    response.headers.add(
        "Link", fmt::format("<http://127.0.0.1:{}{}?per_page=100&cursor={}>; rel=\"next\"", port(), request.path, i));
  }
  return response;
}

http::ServerResponse ForgeStandIn::take_status(const http::ServerRequest& request, const std::string& commit) {
  const json::value body = parse(request.body);
  const bool is_bitbucket = m_options.kind == Kind::bitbucket;
  Status status{.commit = commit,
                .state = text(body, {"state"}),
                .context = text(body, {is_bitbucket                     ? "key"
                                       : m_options.kind == Kind::gitlab ? "name"
                                                                        : "context"}),
                .description = text(body, {"description"}),
                .target_url = text(body, {is_bitbucket ? "url" : "target_url"})};
  if (request.method != "POST" || commit.size() != 40 || status.state.empty() || status.description.size() > 140) {
    return refusal(422, "Validation Failed");
  }
  const bool is_pending = std::any_of(m_statuses.begin(), m_statuses.end(), [&](const Status& one) {
    return one.commit == commit && one.context == status.context && one.state == "pending";
  });
  if (m_options.kind == Kind::gitlab && status.state == "pending" && is_pending) {
    return refusal(400, "Cannot transition status via :enqueue from :pending");
  }
  m_statuses.push_back(status);
  return in_json(201, json::object());
}

http::ServerResponse ForgeStandIn::answer_deployments(const http::ServerRequest& request, const std::string& rest) {
  const json::value body = parse(request.body);
  if (request.method != "POST" || !body.is_object()) {
    return refusal(400, "Problems parsing JSON");
  }
  if (rest.empty()) {
    m_deployments.push_back({.id = std::to_string(++m_last_id),
                             .commit = text(body, {"ref"}),
                             .environment = text(body, {"environment"}),
                             .states = {}});
    return in_json(201, {{"id", m_last_id}});
  }
  const auto found = std::find_if(m_deployments.begin(), m_deployments.end(),
                                  [&](const Deployment& one) { return rest == fmt::format("/{}/statuses", one.id); });
  if (found == m_deployments.end()) {
    return refusal(404, "Not Found");
  }
  found->states.push_back(text(body, {"state"}));
  return in_json(201, json::object());
}

} // namespace teal
