#include "recording_forge.hpp"

using namespace teal;
using Kind = SourceSettings::Forge;
namespace json = boost::json;

TEST_CASE("Gitea is asked below its API's path, whether or not that was given") {
  RecordingForge forge;
  for (const char* path : {"", "/api/v1"}) {
    forge.answer(200, R"({"clone_url":"https://git.test/ada/shop.git"})");
    CHECK(forge.api(Kind::gitea, path)->clone_url() == "https://git.test/ada/shop.git");
    CHECK(forge.asked() == "GET /api/v1/repos/ada/shop");
  }
  CHECK(forge.request(0).headers.first("Authorization") == "token tok");
}

TEST_CASE("a webhook of Gitea is made, changed, tested and removed") {
  RecordingForge forge;
  const auto api = forge.api(Kind::gitea);
  forge.answer(201);
  api->create_hook({.url = "https://we/hook/shop/hub", .secret = "s3"});
  CHECK(forge.asked() == "POST /api/v1/repos/ada/shop/hooks");
  CHECK(forge.body() == json::parse(R"({"type":"gitea","active":true,"events":["push"],"branch_filter":"*",
                          "config":{"url":"https://we/hook/shop/hub","content_type":"json","secret":"s3"}})"));
  api->update_hook("5", {.url = "u", .secret = "s4"});
  CHECK(forge.asked() == "PATCH /api/v1/repos/ada/shop/hooks/5");
  forge.answer(204, "");
  CHECK(api->test_hook("5"));
  CHECK(forge.asked() == "POST /api/v1/repos/ada/shop/hooks/5/tests");
  forge.answer(204, "");
  CHECK(api->delete_hook("5"));
  CHECK_FALSE(api->lists_deliveries());
  CHECK_FALSE(api->has_deployments());
}

TEST_CASE("pages of Gitea's webhooks are read until all that it counts are there") {
  RecordingForge forge;
  const auto hooks_of = [](int id, bool active) {
    return fmt::format(R"([{{"id":{},"active":{},"events":["push"],"config":{{"url":"https://we/{}",)"
                       R"("content_type":"json"}}}}])",
                       id, active, id);
  };
  forge.answer(200, hooks_of(1, true), {{"X-Total-Count", "2"}}); // a server that gives few at a time
  forge.answer(200, hooks_of(2, false), {{"X-Total-Count", "2"}});
  const auto hooks = forge.api(Kind::gitea)->hooks();
  CHECK(forge.request(1).target == "/api/v1/repos/ada/shop/hooks?limit=50&page=2");
  CHECK(forge.count() == 2);
  REQUIRE(hooks.size() == 2);
  CHECK(hooks[0].faults.empty());
  CHECK(hooks[1].faults == std::vector<std::string>{"it is switched off"});
}

TEST_CASE("Gitea is told a commit's status") {
  RecordingForge forge;
  forge.api(Kind::gitea)
      ->set_status({.commit = std::string(40, 'a'),
                    .state = forge::State::stopped,
                    .context = "tealhook/shop/blue",
                    .description = "superseded",
                    .target_url = "https://we/log"});
  CHECK(forge.asked() == "POST /api/v1/repos/ada/shop/statuses/" + std::string(40, 'a'));
  CHECK(forge.body() == json::parse(R"({"state":"error","context":"tealhook/shop/blue","description":"superseded",
                                        "target_url":"https://we/log"})"));
}
