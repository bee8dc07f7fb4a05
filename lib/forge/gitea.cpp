// Gitea and Forgejo, which is Gitea's API still. Neither lists deliveries.
#include "core/text.hpp"
#include "forge/caller.hpp"
#include "forge/forges.hpp"

#include <fmt/format.h>

namespace teal::forge {

namespace {

constexpr std::size_t k_page = 50; ///< the most that a server gives as it is installed

std::vector<std::string> faults_of(const json::value& hook) {
  std::vector<std::string> faults;
  if (!flag(hook, {"active"}, true)) {
    faults.emplace_back("it is switched off");
  }
  if (!lists(hook, {"events"}, "push")) {
    faults.emplace_back("it does not tell of pushes");
  }
  if (text(hook, {"config", "content_type"}) != "json") {
    faults.emplace_back("it sends forms in place of JSON");
  }
  return faults;
}

json::object body_of(const WantedHook& hook) {
  // Tags come as pushes, too. Whether certificates are checked is the server's to decide.
  return {{"active", true},
          {"events", json::array{"push"}},
          {"branch_filter", "*"},
          {"config", {{"url", hook.url}, {"content_type", "json"}, {"secret", hook.secret}}}};
}

std::string_view status_of(State state) {
  return state == State::stopped ? "error" : to_string(state);
}

class Gitea final : public ForgeApi {
public:
  Gitea(const Account& account, CallOptions options, const Clock& clock)
      : m_caller(with_path(account.api, "/api/v1"), {{"Authorization", "token " + bare_token(account.token)}},
                 std::move(options), clock),
        m_repo("/repos/" + encoded_path(account.repo)), m_about(fmt::format("the repository '{}'", account.repo)) {}

  std::string clone_url() override { return m_caller.ask_for_text({.target = m_repo, .about = m_about}, "clone_url"); }

  std::vector<Hook> hooks() override {
    std::vector<Hook> hooks;
    for (const json::value& one : m_caller.list(
             {.target = fmt::format("{}/hooks?limit={}", m_repo, k_page), .about = "the webhooks of " + m_about},
             k_page)) {
      hooks.push_back({.id = id(one, {"id"}), .url = text(one, {"config", "url"}), .faults = faults_of(one)});
    }
    return hooks;
  }

  void create_hook(const WantedHook& hook) override {
    json::object body = body_of(hook);
    body["type"] = "gitea";
    m_caller.ask({.method = "POST", .target = m_repo + "/hooks", .about = "the webhooks of " + m_about, .body = body});
  }

  void update_hook(const std::string& hook, const WantedHook& wanted) override {
    m_caller.ask({.method = "PATCH", .target = path_of(hook), .about = "our webhook", .body = body_of(wanted)});
  }

  bool delete_hook(const std::string& hook) override {
    return m_caller.remove({.target = path_of(hook), .about = "our webhook"});
  }

  bool test_hook(const std::string& hook) override {
    m_caller.ask(
        {.method = "POST", .target = path_of(hook) + "/tests", .about = "a test of our webhook", .again = true});
    return true;
  }

  void set_status(const CommitStatus& status) override {
    m_caller.ask({.method = "POST",
                  .target = fmt::format("{}/statuses/{}", m_repo, status.commit),
                  .about = fmt::format("a status of {}", status.commit),
                  .body = {{"state", status_of(status.state)},
                           {"context", status.context},
                           {"description", status.description},
                           {"target_url", status.target_url}},
                  .again = true});
  }

private:
  [[nodiscard]] std::string path_of(const std::string& hook) const {
    return fmt::format("{}/hooks/{}", m_repo, http::percent_encode(hook));
  }

  Caller m_caller;
  std::string m_repo;  ///< its path
  std::string m_about; ///< for messages
};

} // namespace

std::unique_ptr<ForgeApi> make_gitea(const Account& account, CallOptions options, const Clock& clock) {
  return std::make_unique<Gitea>(account, std::move(options), clock);
}

} // namespace teal::forge
