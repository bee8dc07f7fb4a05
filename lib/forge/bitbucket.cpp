// Bitbucket Cloud lists no deliveries, and sends no test.
#include "core/text.hpp"
#include "forge/caller.hpp"
#include "forge/forges.hpp"

#include <fmt/format.h>

namespace teal::forge {

namespace {

constexpr std::size_t k_most_pages = 100;
constexpr std::size_t k_longest_key = 40; ///< of a build status

std::vector<std::string> faults_of(const json::value& hook) {
  std::vector<std::string> faults;
  if (!flag(hook, {"active"}, true)) {
    faults.emplace_back("it is switched off");
  }
  if (!lists(hook, {"events"}, "repo:push")) {
    faults.emplace_back("it does not tell of pushes");
  }
  if (flag(hook, {"skip_cert_verification"}, false)) {
    faults.emplace_back("it does not check our certificate");
  }
  if (!flag(hook, {"secret_set"}, true)) {
    faults.emplace_back("it has no secret");
  }
  return faults;
}

json::object body_of(const WantedHook& hook) {
  return {{"description", "tealhook"},       {"url", hook.url},       {"active", true},
          {"skip_cert_verification", false}, {"secret", hook.secret}, {"events", json::array{"repo:push"}}};
}

std::string_view status_of(State state) {
  switch (state) {
  case State::pending:
    return "INPROGRESS";
  case State::success:
    return "SUCCESSFUL";
  case State::failure:
    return "FAILED";
  case State::stopped:
    break;
  }
  return "STOPPED";
}

/// Of one that is too long, its beginning and what stands for all of it.
std::string key_of(const std::string& context) {
  const std::string mark = fmt::format("-{:08x}", fingerprint(context) & 0xffffffffU);
  return context.size() <= k_longest_key ? context : context.substr(0, k_longest_key - mark.size()) + mark;
}

/// An access token goes by itself, an app's password with its user.
std::string authorization_of(const std::string& token) {
  return token.find(':') == std::string::npos ? "Bearer " + token : "Basic " + http::base64(token);
}

class Bitbucket final : public ForgeApi {
public:
  Bitbucket(const Account& account, CallOptions options, const Clock& clock)
      : m_caller(account.api, {{"Authorization", authorization_of(account.token)}}, std::move(options), clock),
        m_repo("/repositories/" + encoded_path(account.repo)),
        m_about(fmt::format("the repository '{}'", account.repo)) {}

  std::string clone_url() override {
    const Caller::Call call{.target = m_repo, .about = m_about};
    const Answer answer = m_caller.ask(call);
    if (const json::value* links = find(answer.body, {"links", "clone"}); links != nullptr && links->is_array()) {
      for (const json::value& one : links->as_array()) {
        if (text(one, {"name"}) == "https") {
          const std::string url = text(one, {"href"});
          const std::size_t user = url.find('@'); // "https://ada@bitbucket.org/…"
          return user == std::string::npos ? url : "https://" + url.substr(user + 1);
        }
      }
    }
    m_caller.fail(call, answer.status, "there is no link to clone it by https");
  }

  std::vector<Hook> hooks() override {
    std::vector<Hook> hooks;
    Caller::Call call{.target = m_repo + "/hooks?pagelen=100", .about = "the webhooks of " + m_about};
    for (std::size_t page = 0; page < k_most_pages; ++page) {
      const Answer answer = m_caller.ask(call);
      const json::value* values = find(answer.body, {"values"});
      if (values == nullptr || !values->is_array()) {
        m_caller.fail(call, answer.status, "there is no list 'values'");
      }
      for (const json::value& one : values->as_array()) {
        hooks.push_back({.id = text(one, {"uuid"}), .url = text(one, {"url"}), .faults = faults_of(one)});
      }
      const auto next = m_caller.target_of(text(answer.body, {"next"}));
      if (!next) {
        break;
      }
      call.target = *next;
    }
    return hooks;
  }

  void create_hook(const WantedHook& hook) override {
    m_caller.ask(
        {.method = "POST", .target = m_repo + "/hooks", .about = "the webhooks of " + m_about, .body = body_of(hook)});
  }

  void update_hook(const std::string& hook, const WantedHook& wanted) override {
    m_caller.ask({.method = "PUT", .target = path_of(hook), .about = "our webhook", .body = body_of(wanted)});
  }

  bool delete_hook(const std::string& hook) override {
    return m_caller.remove({.target = path_of(hook), .about = "our webhook"});
  }

  bool test_hook(const std::string& /*hook*/) override { return false; }

  void set_status(const CommitStatus& status) override {
    m_caller.ask({.method = "POST",
                  .target = fmt::format("{}/commit/{}/statuses/build", m_repo, status.commit),
                  .about = fmt::format("a status of {}", status.commit),
                  .body = {{"key", key_of(status.context)},
                           {"name", status.context},
                           {"state", status_of(status.state)},
                           {"description", status.description},
                           {"url", status.target_url}},
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

std::unique_ptr<ForgeApi> make_bitbucket(const Account& account, CallOptions options, const Clock& clock) {
  return std::make_unique<Bitbucket>(account, std::move(options), clock);
}

} // namespace teal::forge
