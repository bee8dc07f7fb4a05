#include "recording_forge.hpp"

using namespace teal;
using Kind = SourceSettings::Forge;
namespace json = boost::json;

namespace {

const std::string k_commit(40, 'a');

json::value hook(const std::string& url, bool active = true) {
  return {{"id", 12},
          {"active", active},
          {"events", json::array{"push"}},
          {"config", {{"url", url}, {"content_type", "json"}, {"insecure_ssl", "0"}, {"secret", "********"}}}};
}

} // namespace

TEST_CASE("GitHub is asked with the token and its API's version, and for nothing else than the repository") {
  RecordingForge forge;
  forge.answer(200, R"({"clone_url":"https://github.com/ada/shop.git"})");
  CHECK(forge.api(Kind::github)->clone_url() == "https://github.com/ada/shop.git");
  const auto request = forge.request(0);
  CHECK(forge.asked() == "GET /repos/ada/shop");
  CHECK(request.headers.first("Authorization") == "Bearer tok");
  CHECK(request.headers.first("X-GitHub-Api-Version") == "2022-11-28");
  CHECK(request.headers.first("Accept") == "application/vnd.github+json");
  CHECK(request.headers.first("User-Agent") == "tealhook");
  CHECK(request.target.find("tok") == std::string::npos);
}

TEST_CASE("a webhook of GitHub is made for pushes, with JSON, a secret and our certificate checked") {
  RecordingForge forge;
  forge.answer(201);
  const auto api = forge.api(Kind::github);
  api->create_hook({.url = "https://we/hook/shop/hub", .secret = "s3"});
  CHECK(forge.asked() == "POST /repos/ada/shop/hooks");
  CHECK(forge.body() ==
        json::parse(R"({"name":"web","active":true,"events":["push"],"config":{"url":"https://we/hook/shop/hub",
                        "content_type":"json","secret":"s3","insecure_ssl":"0"}})"));
  api->update_hook("12", {.url = "u", .secret = "s4"});
  CHECK(forge.asked() == "PATCH /repos/ada/shop/hooks/12");
  CHECK(forge.body().at("config").at("secret") == "s4");
  CHECK(api->test_hook("12"));
  CHECK(forge.asked() == "POST /repos/ada/shop/hooks/12/pings");
  forge.answer(204, "");
  CHECK(api->delete_hook("12"));
  CHECK(forge.asked() == "DELETE /repos/ada/shop/hooks/12");
  forge.answer(404);
  CHECK_FALSE(api->delete_hook("12"));
}

TEST_CASE("all pages of GitHub's webhooks are read, and what of one is not as it should be is told") {
  RecordingForge forge;
  json::value bad = hook("https://we/2", false);
  bad.at("events") = json::array{"issues"};
  bad.at("config") = {{"url", "https://we/2"}, {"content_type", "form"}, {"insecure_ssl", 1}};
  forge.answer(200, json::serialize(json::array{hook("https://we/1")}),
               {{"Link", fmt::format("<{}/x?page=2>; rel=\"next\", <x>; rel=\"last\"", forge.url())}});
  forge.answer(200, json::serialize(json::array{bad}), {{"Link", "<x>; rel=\"first\""}});
  const auto hooks = forge.api(Kind::github)->hooks();
  CHECK(forge.request(0).target == "/repos/ada/shop/hooks?per_page=100&page=1");
  CHECK(forge.request(1).target == "/repos/ada/shop/hooks?per_page=100&page=2");
  REQUIRE(hooks.size() == 2);
  CHECK(hooks[0].id == "12");
  CHECK(hooks[0].url == "https://we/1");
  CHECK(hooks[0].faults.empty());
  CHECK(hooks[1].faults == std::vector<std::string>{"it is switched off", "it does not tell of pushes",
                                                    "it sends forms in place of JSON",
                                                    "it does not check our certificate", "it has no secret"});
}

TEST_CASE("deliveries of GitHub are read back to a time, and asked for again by the attempt's id") {
  RecordingForge forge;
  const auto delivery = [](int id, const std::string& at, int code, const std::string& event = "push") {
    return fmt::format(R"({{"id":{},"guid":"g{}","delivered_at":"{}","status":"OK","status_code":{},"event":"{}"}})",
                       id, id, at, code, event);
  };
  const auto list = [](const std::string& items) { return "[" + items + "]"; };
  forge.answer(
      200, list(delivery(9, "2026-01-03T00:00:00Z", 202) + "," + delivery(8, "2026-01-02T00:00:00.123Z", 504, "ping")),
      {{"Link", "<https://api.github.com/x/deliveries?per_page=100&cursor=v1_77>; rel=\"next\""}});
  forge.answer(200, list(delivery(7, "2026-01-01T12:00:00Z", 0) + "," + delivery(6, "2025-12-31T00:00:00Z", 0)));
  const auto api = forge.api(Kind::github);
  const auto all = api->deliveries("12", parse_time("2026-01-01T00:00:00Z").value());
  CHECK(forge.request(1).target == "/repos/ada/shop/hooks/12/deliveries?per_page=100&cursor=v1_77");
  REQUIRE(all.size() == 3);
  CHECK(all[0].id == "9");
  CHECK(all[0].guid == "g9");
  CHECK(all[0].has_arrived);
  CHECK(all[0].is_push);
  CHECK_FALSE(all[1].is_push);
  CHECK_FALSE(all[2].has_arrived);
  forge.answer(202);
  api->redeliver("12", "7");
  CHECK(forge.asked() == "POST /repos/ada/shop/hooks/12/deliveries/7/attempts");
}

TEST_CASE("GitHub is told a commit's status, and a deployment with its own") {
  RecordingForge forge;
  const auto api = forge.api(Kind::github);
  const auto status = [](forge::State state) {
    return forge::CommitStatus{.commit = k_commit,
                               .state = state,
                               .context = "tealhook/shop",
                               .description = "it runs",
                               .target_url = "https://we/log"};
  };
  api->set_status(status(forge::State::success));
  CHECK(forge.asked() == "POST /repos/ada/shop/statuses/" + k_commit);
  CHECK(forge.body() == json::parse(R"({"state":"success","context":"tealhook/shop","description":"it runs",
                                        "target_url":"https://we/log"})"));
  api->set_status(status(forge::State::stopped));
  CHECK(forge.body().at("state") == "error");
  forge.answer(201, R"({"id":77})");
  CHECK(api->create_deployment(k_commit, "live") == "77");
  CHECK(forge.asked() == "POST /repos/ada/shop/deployments");
  CHECK(forge.body().at("required_contexts") == json::array());
  CHECK(forge.body().at("auto_merge") == false);
  CHECK(forge.body().at("environment") == "live");
  CHECK(forge.body().at("ref").as_string() == k_commit);
  api->set_deployment_status("77", status(forge::State::pending));
  CHECK(forge.asked() == "POST /repos/ada/shop/deployments/77/statuses");
  CHECK(forge.body() == json::parse(R"({"state":"in_progress","description":"it runs","log_url":"https://we/log"})"));
  api->set_deployment_status("77", status(forge::State::stopped));
  CHECK(forge.body().at("state") == "inactive");
}
