// GitLab lists the deliveries of a webhook since 17.3 only, without their times: they are not asked for.
#include "forge/caller.hpp"
#include "forge/forges.hpp"

#include <fmt/format.h>

namespace teal::forge {

namespace {

constexpr std::size_t k_page = 100;

std::vector<std::string> faults_of(const json::value& hook) {
  std::vector<std::string> faults;
  if (!flag(hook, {"push_events"}, false)) {
    faults.emplace_back("it does not tell of pushes");
  }
  if (!flag(hook, {"tag_push_events"}, false)) {
    faults.emplace_back("it does not tell of tags");
  }
  if (!flag(hook, {"enable_ssl_verification"}, true)) {
    faults.emplace_back("it does not check our certificate");
  }
  if (text(hook, {"alert_status"}) == "disabled") { // after too many deliveries that failed
    faults.emplace_back("it is switched off");
  }
  return faults;
}

json::object body_of(const WantedHook& hook) {
  return {{"url", hook.url},
          {"token", hook.secret},
          {"push_events", true},
          {"tag_push_events", true},
          {"enable_ssl_verification", true}};
}

std::string_view status_of(State state) {
  switch (state) {
  case State::pending:
    return "pending";
  case State::success:
    return "success";
  case State::failure:
    return "failed";
  case State::stopped:
    break;
  }
  return "canceled";
}

class Gitlab final : public ForgeApi {
public:
  Gitlab(const Account& account, CallOptions options, const Clock& clock)
      : m_caller(with_path(account.api, "/api/v4"), {{"PRIVATE-TOKEN", bare_token(account.token)}}, std::move(options),
                 clock),
        m_project("/projects/" + http::percent_encode(account.repo)),
        m_about(fmt::format("the project '{}'", account.repo)) {}

  std::string clone_url() override {
    return m_caller.ask_for_text({.target = m_project, .about = m_about}, "http_url_to_repo");
  }

  std::vector<Hook> hooks() override {
    std::vector<Hook> hooks;
    for (const json::value& one : m_caller.list(
             {.target = fmt::format("{}/hooks?per_page={}", m_project, k_page), .about = "the webhooks of " + m_about},
             k_page)) {
      hooks.push_back({.id = id(one, {"id"}), .url = text(one, {"url"}), .faults = faults_of(one)});
    }
    return hooks;
  }

  void create_hook(const WantedHook& hook) override {
    m_caller.ask({.method = "POST",
                  .target = m_project + "/hooks",
                  .about = "the webhooks of " + m_about,
                  .body = body_of(hook)});
  }

  void update_hook(const std::string& hook, const WantedHook& wanted) override {
    m_caller.ask({.method = "PUT", .target = path_of(hook), .about = "our webhook", .body = body_of(wanted)});
  }

  bool delete_hook(const std::string& hook) override {
    return m_caller.remove({.target = path_of(hook), .about = "our webhook"});
  }

  bool test_hook(const std::string& hook) override {
    m_caller.ask({.method = "POST",
                  .target = path_of(hook) + "/test/push_events",
                  .about = "a test of our webhook",
                  .again = true});
    return true;
  }

  void set_status(const CommitStatus& status) override {
    json::object body{
        {"state", status_of(status.state)}, {"name", status.context}, {"description", status.description}};
    if (!status.target_url.empty()) {
      body["target_url"] = status.target_url;
    }
    try {
      m_caller.ask({.method = "POST",
                    .target = fmt::format("{}/statuses/{}", m_project, status.commit),
                    .about = fmt::format("a status of {}", status.commit),
                    .body = body,
                    .again = true});
    } catch (const ApiError& error) {
      // It takes no "pending" of what is pending, or running, already.
      if (error.status() != 400 || status.state != State::pending) {
        throw;
      }
    }
  }

private:
  [[nodiscard]] std::string path_of(const std::string& hook) const {
    return fmt::format("{}/hooks/{}", m_project, http::percent_encode(hook));
  }

  Caller m_caller;
  std::string m_project; ///< its path
  std::string m_about;   ///< for messages
};

} // namespace

std::unique_ptr<ForgeApi> make_gitlab(const Account& account, CallOptions options, const Clock& clock) {
  return std::make_unique<Gitlab>(account, std::move(options), clock);
}

} // namespace teal::forge
