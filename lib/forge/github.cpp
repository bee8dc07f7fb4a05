#include "forge/caller.hpp"
#include "forge/forges.hpp"

#include <fmt/format.h>

namespace teal::forge {

namespace {

constexpr std::size_t k_page = 100;
constexpr std::size_t k_most_delivery_pages = 20;

std::vector<std::string> faults_of(const json::value& hook) {
  std::vector<std::string> faults;
  if (!flag(hook, {"active"}, true)) {
    faults.emplace_back("it is switched off");
  }
  if (!lists(hook, {"events"}, "push") && !lists(hook, {"events"}, "*")) {
    faults.emplace_back("it does not tell of pushes");
  }
  if (text(hook, {"config", "content_type"}) != "json") {
    faults.emplace_back("it sends forms in place of JSON");
  }
  if (id(hook, {"config", "insecure_ssl"}) == "1") {
    faults.emplace_back("it does not check our certificate");
  }
  if (text(hook, {"config", "secret"}).empty()) { // one that is there is shown as asterisks
    faults.emplace_back("it has no secret");
  }
  return faults;
}

json::object body_of(const WantedHook& hook) {
  // Tags come as pushes, too.
  return {{"active", true},
          {"events", json::array{"push"}},
          {"config", {{"url", hook.url}, {"content_type", "json"}, {"secret", hook.secret}, {"insecure_ssl", "0"}}}};
}

std::string_view status_of(State state) {
  switch (state) {
  case State::pending:
    return "pending";
  case State::success:
    return "success";
  case State::failure:
    return "failure";
  case State::stopped:
    break;
  }
  return "error";
}

std::string_view deployment_status_of(State state) {
  return state == State::pending ? "in_progress" : state == State::stopped ? "inactive" : status_of(state);
}

class Github final : public ForgeApi {
public:
  Github(const Account& account, CallOptions options, const Clock& clock)
      : m_caller(account.api,
                 {{"Authorization", "Bearer " + bare_token(account.token)},
                  {"Accept", "application/vnd.github+json"},
                  {"X-GitHub-Api-Version", "2022-11-28"}},
                 std::move(options), clock),
        m_repo("/repos/" + encoded_path(account.repo)), m_about(fmt::format("the repository '{}'", account.repo)) {}

  std::string clone_url() override { return m_caller.ask_for_text({.target = m_repo, .about = m_about}, "clone_url"); }

  std::vector<Hook> hooks() override {
    std::vector<Hook> hooks;
    for (const json::value& one : m_caller.list(
             {.target = fmt::format("{}/hooks?per_page={}", m_repo, k_page), .about = hooks_of_it()}, k_page)) {
      hooks.push_back({.id = id(one, {"id"}), .url = text(one, {"config", "url"}), .faults = faults_of(one)});
    }
    return hooks;
  }

  void create_hook(const WantedHook& hook) override {
    json::object body = body_of(hook);
    body["name"] = "web";
    m_caller.ask({.method = "POST", .target = m_repo + "/hooks", .about = hooks_of_it(), .body = body});
  }

  void update_hook(const std::string& hook, const WantedHook& wanted) override {
    m_caller.ask({.method = "PATCH", .target = path_of(hook), .about = "our webhook", .body = body_of(wanted)});
  }

  bool delete_hook(const std::string& hook) override {
    return m_caller.remove({.target = path_of(hook), .about = "our webhook"});
  }

  bool test_hook(const std::string& hook) override {
    m_caller.ask(
        {.method = "POST", .target = path_of(hook) + "/pings", .about = "a ping of our webhook", .again = true});
    return true;
  }

  [[nodiscard]] bool lists_deliveries() const override { return true; }

  std::vector<Delivered> deliveries(const std::string& hook, TimePoint since) override {
    std::vector<Delivered> all;
    const std::string first = fmt::format("{}/deliveries?per_page={}", path_of(hook), k_page);
    Caller::Call call{.target = first, .about = "the deliveries of our webhook"};
    for (std::size_t page = 0; page < k_most_delivery_pages; ++page) {
      const Answer answer = m_caller.ask(call);
      if (!answer.body.is_array()) {
        m_caller.fail(call, answer.status, "that is no list");
      }
      for (const json::value& one : answer.body.as_array()) {
        const auto at = parse_time(text(one, {"delivered_at"}));
        if (at && *at < since) { // they come newest first
          return all;
        }
        const json::value* code = find(one, {"status_code"});
        all.push_back({.id = id(one, {"id"}),
                       .guid = text(one, {"guid"}),
                       .at = at.value_or(TimePoint()),
                       .has_arrived = code != nullptr && code->is_int64() && code->as_int64() / 100 == 2,
                       .is_push = text(one, {"event"}) == "push"});
      }
      const std::string next = next_link(answer.headers);
      const std::size_t cursor = next.find("cursor=");
      if (cursor == std::string::npos) {
        break;
      }
      call.target = fmt::format("{}&{}", first, next.substr(cursor, next.find('&', cursor) - cursor));
    }
    return all;
  }

  void redeliver(const std::string& hook, const std::string& delivery) override {
    m_caller.ask({.method = "POST",
                  .target = fmt::format("{}/deliveries/{}/attempts", path_of(hook), http::percent_encode(delivery)),
                  .about = "another attempt of a delivery"});
  }

  void set_status(const CommitStatus& status) override {
    json::object body{
        {"state", status_of(status.state)}, {"context", status.context}, {"description", status.description}};
    if (!status.target_url.empty()) {
      body["target_url"] = status.target_url;
    }
    m_caller.ask({.method = "POST",
                  .target = fmt::format("{}/statuses/{}", m_repo, status.commit),
                  .about = fmt::format("a status of {}", status.commit),
                  .body = body,
                  .again = true});
  }

  [[nodiscard]] bool has_deployments() const override { return true; }

  std::string create_deployment(const std::string& commit, const std::string& environment) override {
    const Caller::Call call{.method = "POST",
                            .target = m_repo + "/deployments",
                            .about = fmt::format("a deployment of {}", commit),
                            .body = {{"ref", commit},
                                     {"environment", environment},
                                     {"description", "by tealhook"},
                                     {"auto_merge", false},
                                     {"required_contexts", json::array()}}};
    return m_caller.ask_for_text(call, "id");
  }

  void set_deployment_status(const std::string& deployment, const CommitStatus& status) override {
    json::object body{{"state", deployment_status_of(status.state)}, {"description", status.description}};
    if (!status.target_url.empty()) {
      body["log_url"] = status.target_url;
    }
    m_caller.ask({.method = "POST",
                  .target = fmt::format("{}/deployments/{}/statuses", m_repo, http::percent_encode(deployment)),
                  .about = "a status of a deployment",
                  .body = body,
                  .again = true});
  }

private:
  [[nodiscard]] std::string hooks_of_it() const { return "the webhooks of " + m_about; }
  [[nodiscard]] std::string path_of(const std::string& hook) const {
    return fmt::format("{}/hooks/{}", m_repo, http::percent_encode(hook));
  }

  Caller m_caller;
  std::string m_repo;  ///< its path
  std::string m_about; ///< for messages
};

} // namespace

std::unique_ptr<ForgeApi> make_github(const Account& account, CallOptions options, const Clock& clock) {
  return std::make_unique<Github>(account, std::move(options), clock);
}

} // namespace teal::forge
