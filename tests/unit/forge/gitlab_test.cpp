#include "recording_forge.hpp"

using namespace teal;
using Kind = SourceSettings::Forge;
namespace json = boost::json;

namespace {

forge::CommitStatus status(forge::State state) {
  return {.commit = std::string(40, 'a'),
          .state = state,
          .context = "tealhook/shop",
          .description = "it runs",
          .target_url = ""};
}

} // namespace

TEST_CASE("a project of GitLab is named by its whole path, and the token is in GitLab's own header") {
  RecordingForge forge;
  forge.answer(200, R"({"http_url_to_repo":"https://gitlab.com/ada/shop.git"})");
  CHECK(forge.api(Kind::gitlab)->clone_url() == "https://gitlab.com/ada/shop.git");
  CHECK(forge.asked() == "GET /api/v4/projects/ada%2Fshop");
  CHECK(forge.request(0).headers.first("PRIVATE-TOKEN") == "tok");
}

TEST_CASE("a webhook of GitLab is made for branches and tags, changed, tested and removed") {
  RecordingForge forge;
  const auto api = forge.api(Kind::gitlab);
  forge.answer(201);
  api->create_hook({.url = "https://we/hook/shop/hub", .secret = "s3"});
  CHECK(forge.asked() == "POST /api/v4/projects/ada%2Fshop/hooks");
  CHECK(forge.body() == json::parse(R"({"url":"https://we/hook/shop/hub","token":"s3","push_events":true,
                                        "tag_push_events":true,"enable_ssl_verification":true})"));
  api->update_hook("5", {.url = "u", .secret = "s4"});
  CHECK(forge.asked() == "PUT /api/v4/projects/ada%2Fshop/hooks/5");
  CHECK(api->test_hook("5"));
  CHECK(forge.asked() == "POST /api/v4/projects/ada%2Fshop/hooks/5/test/push_events");
  forge.answer(404);
  CHECK_FALSE(api->delete_hook("5"));
}

TEST_CASE("what of a webhook of GitLab is not as it should be is told") {
  RecordingForge forge;
  forge.answer(200, R"([{"id":1,"url":"https://we","push_events":false,"tag_push_events":false,
                         "enable_ssl_verification":false,"alert_status":"disabled"},
                        {"id":2,"url":"https://we","push_events":true,"tag_push_events":true,
                         "enable_ssl_verification":true,"alert_status":"executable"}])");
  const auto hooks = forge.api(Kind::gitlab)->hooks();
  REQUIRE(hooks.size() == 2);
  CHECK(hooks[0].faults == std::vector<std::string>{"it does not tell of pushes", "it does not tell of tags",
                                                    "it does not check our certificate", "it is switched off"});
  CHECK(hooks[1].faults.empty());
}

TEST_CASE("GitLab is told a commit's status, and may refuse one that is pending already") {
  RecordingForge forge;
  const auto api = forge.api(Kind::gitlab);
  api->set_status(status(forge::State::failure));
  CHECK(forge.asked() == "POST /api/v4/projects/ada%2Fshop/statuses/" + std::string(40, 'a'));
  CHECK(forge.body() == json::parse(R"({"state":"failed","name":"tealhook/shop","description":"it runs"})"));
  api->set_status(status(forge::State::stopped));
  CHECK(forge.body().at("state") == "canceled");
  forge.answer(400, R"({"message":"Cannot transition status via :enqueue from :pending"})");
  CHECK_NOTHROW(api->set_status(status(forge::State::pending)));
  forge.answer(400, R"({"message":{"state":["does not have a valid value"]}})");
  CHECK_THAT(failure_of([&] { api->set_status(status(forge::State::success)); }).message(),
             ContainsSubstring("does not have a valid value"));
}
