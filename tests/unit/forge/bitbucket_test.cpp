#include "recording_forge.hpp"

using namespace teal;
using Kind = SourceSettings::Forge;
namespace json = boost::json;

TEST_CASE("Bitbucket's repository is cloned by the https link, without a user in it") {
  RecordingForge forge;
  forge.answer(200, R"({"links":{"clone":[{"name":"ssh","href":"git@bitbucket.org:ada/shop.git"},
                                          {"name":"https","href":"https://ada@bitbucket.org/ada/shop.git"}]}})");
  CHECK(forge.api(Kind::bitbucket, "/2.0")->clone_url() == "https://bitbucket.org/ada/shop.git");
  CHECK(forge.asked() == "GET /2.0/repositories/ada/shop");
  CHECK(forge.request(0).headers.first("Authorization") == "Bearer tok");
}

TEST_CASE("an app's password goes to Bitbucket with its user") {
  RecordingForge forge;
  const auto api = forge::make_api(Kind::bitbucket, {.api = forge.url(), .repo = "a/b", .token = "ada:pw"},
                                   {.first_pause = Milliseconds(1)}, forge.clock());
  CHECK_FALSE(api->test_hook("1"));
  api->update_hook("{u-1}", {.url = "u", .secret = "s"});
  CHECK(forge.asked() == "PUT /repositories/a/b/hooks/%7Bu-1%7D");
  CHECK(forge.request(0).headers.first("Authorization") == "Basic YWRhOnB3");
}

TEST_CASE("a webhook of Bitbucket is made, and all pages are read that lie at its API") {
  RecordingForge forge;
  const auto api = forge.api(Kind::bitbucket, "/2.0");
  forge.answer(201);
  api->create_hook({.url = "https://we/hook/shop/hub", .secret = "s3"});
  CHECK(forge.body() == json::parse(R"({"description":"tealhook","url":"https://we/hook/shop/hub","active":true,
                                        "skip_cert_verification":false,"secret":"s3","events":["repo:push"]})"));
  forge.answer(200, fmt::format(R"({{"values":[{{"uuid":"{{1}}","url":"https://we/1","active":true,)"
                                R"("events":["repo:push"],"secret_set":true}}],"next":"{}/2.0/next?page=2"}})",
                                forge.url()));
  forge.answer(200, R"({"values":[{"uuid":"{2}","url":"https://we/2","active":false,"events":[],
                        "skip_cert_verification":true,"secret_set":false}],"next":"https://elsewhere.test/2.0/x"})");
  const auto hooks = api->hooks();
  CHECK(forge.request(1).target == "/2.0/repositories/ada/shop/hooks?pagelen=100");
  CHECK(forge.request(2).target == "/2.0/next?page=2");
  CHECK(forge.count() == 3); // the token goes nowhere else
  REQUIRE(hooks.size() == 2);
  CHECK(hooks[0].id == "{1}");
  CHECK(hooks[0].faults.empty());
  CHECK(hooks[1].faults == std::vector<std::string>{"it is switched off", "it does not tell of pushes",
                                                    "it does not check our certificate", "it has no secret"});
}

TEST_CASE("Bitbucket is told a commit's status by a key that is not too long for it") {
  RecordingForge forge;
  const auto api = forge.api(Kind::bitbucket, "/2.0");
  const auto key_of = [&](const std::string& context) {
    api->set_status({.commit = std::string(40, 'a'),
                     .state = forge::State::pending,
                     .context = context,
                     .description = "it runs",
                     .target_url = "https://we/log"});
    return std::string(forge.body().at("key").as_string());
  };
  CHECK(key_of("tealhook/shop") == "tealhook/shop");
  CHECK(forge.asked() == "POST /2.0/repositories/ada/shop/commit/" + std::string(40, 'a') + "/statuses/build");
  CHECK(forge.body().at("state") == "INPROGRESS");
  CHECK(forge.body().at("url") == "https://we/log");
  const std::string long_app(40, 'x');
  CHECK(key_of("tealhook/" + long_app + "/blue").size() == 40);
  CHECK(key_of("tealhook/" + long_app + "/blue") != key_of("tealhook/" + long_app + "/green"));
}
