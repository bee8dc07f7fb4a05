/// @file
/// ForgeStandIn: a forge that stands in for one on the internet, over real HTTP: webhooks with their deliveries, commit
/// statuses and deployments of one repository, by the API of GitHub, Gitea, GitLab or Bitbucket, as far as tealhook
/// asks.
///
/// It delivers, signed, to the webhooks that were registered, and has whatever trouble it is told to.
#pragma once

#include "http/server.hpp"

#include <boost/json.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace teal {

class ForgeStandIn : public http::Handler {
public:
  enum class Kind { github, gitea, gitlab, bitbucket };
  struct Options {
    Kind kind = Kind::github;
    std::string repo = "ada/shop";
    std::string token = "right-token";
    std::string clone_url = "https://forge.test/ada/shop.git";
    std::size_t largest_page = 100;
    std::uint16_t port = 0; ///< 0: any that is free
  };
  struct Hook {
    std::string id;
    std::string url;
    std::string secret;
    std::string content_type = "json";
    std::vector<std::string> events;
    bool is_active = true;
    bool checks_certificate = true;
  };
  struct Status {
    std::string commit;
    std::string state;
    std::string context;
    std::string description;
    std::string target_url;
  };
  struct Deployment {
    std::string id;
    std::string commit;
    std::string environment;
    std::vector<std::string> states;
  };
  struct Delivery {
    std::string id;
    std::string guid;
    std::string hook;
    int status = 0; ///< that was answered; 0: nothing
    bool is_again = false;
    TimePoint at{};
  };
  /// What requests get in place of an answer of the API's.
  struct Trouble {
    int count = 1; ///< of requests
    int status = 500;
    http::HeaderList headers;
    std::string body = "{}";
    bool hangs = false; ///< no answer until the end
    std::string path;   ///< only requests whose path has that
  };

  explicit ForgeStandIn(Options options);
  ~ForgeStandIn() override;

  /// As `--api` takes it.
  [[nodiscard]] std::string api() const;
  [[nodiscard]] std::uint16_t port() const { return m_server.addresses().front().port; }

  /// What it has.
  [[nodiscard]] std::vector<Hook> hooks() const;
  [[nodiscard]] std::vector<Status> statuses() const;
  [[nodiscard]] std::vector<Deployment> deployments() const;
  [[nodiscard]] std::vector<Delivery> deliveries() const;
  /// "POST /repos/ada/shop/hooks", all that came.
  [[nodiscard]] std::vector<std::string> requests() const;

  /// As its users do.
  void change_hooks(const std::function<void(std::vector<Hook>&)>& change);
  /// A branch or tag is at `after` now: each hook is told, which answers with one of these; 0: not at all.
  std::vector<int> push(const std::string& ref, const std::string& before, const std::string& after);
  /// From now on no delivery reaches anybody, or again each.
  void lose_deliveries(bool loses);
  void have_trouble(Trouble trouble);
  void be_well();
  /// There was no trouble, or it is over.
  [[nodiscard]] bool is_well() const;

  [[nodiscard]] std::variant<http::Admission, http::ServerResponse> admit(const http::ServerRequest& head) override;
  void handle(http::ServerRequest request, http::Responder responder) override;

private:
  struct Event {
    std::string guid;
    std::string body;
    std::string event;
  };

  [[nodiscard]] bool is_believed(const http::ServerRequest& request) const;
  [[nodiscard]] bool answer_with_trouble(const http::ServerRequest& request, http::Responder& responder);
  [[nodiscard]] http::ServerResponse answer(const http::ServerRequest& request);
  [[nodiscard]] http::ServerResponse control(const http::ServerRequest& request);
  [[nodiscard]] http::ServerResponse answer_hooks(const http::ServerRequest& request, const std::string& rest);
  [[nodiscard]] http::ServerResponse answer_hook(const http::ServerRequest& request, const std::string& id,
                                                 const std::string& rest);
  [[nodiscard]] http::ServerResponse list_hooks(const http::ServerRequest& request) const;
  [[nodiscard]] http::ServerResponse list_deliveries(const http::ServerRequest& request, const std::string& hook) const;
  [[nodiscard]] http::ServerResponse take_status(const http::ServerRequest& request, const std::string& commit);
  [[nodiscard]] http::ServerResponse answer_deployments(const http::ServerRequest& request, const std::string& rest);
  [[nodiscard]] boost::json::object shown(const Hook& hook) const;
  void read(const boost::json::value& body, Hook& hook) const;
  int deliver(const Hook& hook, const Event& event, bool is_again);
  [[nodiscard]] Event event_of(const std::string& ref, const std::string& before, const std::string& after) const;

  Options m_options;
  mutable std::mutex m_mutex; // of what follows
  std::vector<Hook> m_hooks;
  std::vector<Status> m_statuses;
  std::vector<Deployment> m_deployments;
  std::vector<Delivery> m_deliveries;
  std::vector<Event> m_events;
  std::vector<std::string> m_requests;
  std::vector<Trouble> m_troubles;
  std::vector<http::Responder> m_hanging;
  std::function<void()> m_after; ///< what is to be done once the request at hand is answered
  bool m_loses = false;
  std::uint32_t m_start = std::random_device()(); ///< no two that follow each other give the same ids
  int m_last_id = 0;
  http::Server m_server; // last: it uses the others
};

} // namespace teal
