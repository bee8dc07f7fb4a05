/// @file
/// ForgeApi: what is asked of a forge by its API: our webhook in a repository, deliveries that failed, and what becomes
/// of commits there.
///
/// A forge is one file of this folder and one line of the list in forge_api.cpp. Facts: docs.github.com/rest (version
/// 2022-11-28), Gitea's and Forgejo's /api/swagger, docs.gitlab.com/api (v4), developer.atlassian.com (Bitbucket 2.0).
///
/// Invariant: the token goes into a header of requests to the API's own host, and nowhere else; what a forge answers is
/// a stranger's text.
#pragma once

#include "config/settings.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace teal::forge {

/// What a forge did not do, and why, in words.
class ApiError : public Error {
public:
  ApiError(ErrorKind kind, std::string message, int status, std::optional<TimePoint> until = {})
      : Error(kind, std::move(message)), m_status(status), m_until(until) {}

  /// 0: there was no answer, or none that means anything.
  [[nodiscard]] int status() const { return m_status; }
  /// It takes no more requests before that: a rate limit.
  [[nodiscard]] std::optional<TimePoint> until() const { return m_until; }
  /// The same request would be refused again: it asks for what cannot be.
  [[nodiscard]] bool is_final() const { return m_status == 400 || m_status == 409 || m_status == 422; }

private:
  int m_status;
  std::optional<TimePoint> m_until;
};

struct Account {
  std::string api;  ///< "https://git.example.com/api/v1"; empty: where the forge has it
  std::string repo; ///< "owner/name"
  std::string token;
};

struct CallOptions {
  int tries = 3; ///< of what may be asked twice, while the forge is away or in trouble
  Milliseconds first_pause{500};
  Milliseconds deadline{15'000};     ///< of each request
  Milliseconds longest_wait{60'000}; ///< for the end of a rate limit; what is further away is an ApiError
  std::function<void(const std::string&)> tell = [](const std::string&) {}; ///< that it waits, in words
  std::stop_token interrupt = {};
};

struct Hook {
  std::string id;
  std::string url;
  std::vector<std::string> faults; ///< what of it is not as it should be, in words: "it is switched off"
};

struct WantedHook {
  std::string url;
  std::string secret;
};

/// One attempt to deliver.
struct Delivered {
  std::string id;   ///< of the attempt
  std::string guid; ///< of the event: that which the receiver is told
  TimePoint at;
  bool has_arrived = false;
  bool is_push = false;
};

/// What has become of a deployment, as forges tell it apart.
enum class State { pending, success, failure, stopped };
[[nodiscard]] std::string_view to_string(State state) noexcept;

struct CommitStatus {
  static constexpr std::size_t k_longest_description = 140; ///< bytes: GitHub takes no more characters

  std::string commit;
  State state = State::pending;
  std::string context; ///< "tealhook/shop": what is told later by the same name takes its place
  std::string description;
  std::string target_url; ///< of the log; may be empty
};

/// All functions throw ApiError, or Error(busy) if interrupted. Not for several threads at a time.
class ForgeApi {
public:
  ForgeApi() = default;
  ForgeApi(const ForgeApi&) = delete;
  ForgeApi& operator=(const ForgeApi&) = delete;
  virtual ~ForgeApi() = default;

  /// Where the repository is cloned from by https. Throws where there is none that the token may see.
  [[nodiscard]] virtual std::string clone_url() = 0;

  /// All webhooks of the repository, of others as well.
  [[nodiscard]] virtual std::vector<Hook> hooks() = 0;
  /// Of pushes of branches and tags, as JSON, with our certificate checked. Throws with status 422 where there is one
  /// of that url, if the forge minds.
  virtual void create_hook(const WantedHook& hook) = 0;
  /// The hook `id` becomes as wanted, its secret too.
  virtual void update_hook(const std::string& id, const WantedHook& hook) = 0;
  /// False if it was gone already.
  virtual bool delete_hook(const std::string& id) = 0;
  /// A delivery is sent that asks for nothing, or for what is there already. False: this forge cannot.
  virtual bool test_hook(const std::string& id) = 0;

  /// Whether deliveries() and redeliver() work.
  [[nodiscard]] virtual bool lists_deliveries() const { return false; }
  /// Attempts since then, newest first.
  [[nodiscard]] virtual std::vector<Delivered> deliveries(const std::string& hook, TimePoint since);
  virtual void redeliver(const std::string& hook, const std::string& delivery);

  virtual void set_status(const CommitStatus& status) = 0;

  /// Whether it knows deployments beside commit statuses.
  [[nodiscard]] virtual bool has_deployments() const { return false; }
  /// Returns the forge's id of it.
  [[nodiscard]] virtual std::string create_deployment(const std::string& commit, const std::string& environment);
  virtual void set_deployment_status(const std::string& id, const CommitStatus& status);
};

/// Throws Error(usage) for a forge without an API, or one that has none of its own place where `api` is empty.
[[nodiscard]] std::unique_ptr<ForgeApi> make_api(SourceSettings::Forge forge, const Account& account,
                                                 CallOptions options, const Clock& clock);

/// Whether the token would go over a network that others can read along.
[[nodiscard]] bool is_plain_text(std::string_view api);

/// Of a file with a token, or USER:TOKEN, in one line. Throws Error(settings) if it is no such thing, or others than
/// its owner may read it; no message quotes it.
[[nodiscard]] std::string read_token(const std::filesystem::path& file);

} // namespace teal::forge
