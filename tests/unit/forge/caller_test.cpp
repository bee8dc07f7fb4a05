#include "core/text.hpp"
#include "forge/caller.hpp"
#include "recording_forge.hpp"
#include "support/free_port.hpp"

using namespace teal;
using Kind = SourceSettings::Forge;

namespace {

/// In words, what comes of asking for the repository.
std::string words_of(const RecordingForge& forge, forge::CallOptions options = {}) {
  return failure_of([&] { static_cast<void>(forge.api(Kind::github, "", std::move(options))->clone_url()); }).message();
}

} // namespace

TEST_CASE("what a forge refuses is told in words, with its own") {
  RecordingForge forge;
  forge.answer(401, R"({"message":"Bad credentials"})");
  CHECK(words_of(forge) == "127.0.0.1 does not take the token (401): it is wrong, or has expired: Bad credentials");
  forge.answer(403, R"({"message":"Resource not accessible by personal access token"})");
  CHECK(words_of(forge) == "the token may not do that with the repository 'ada/shop' at 127.0.0.1 (403): Resource not "
                           "accessible by personal access token");
  forge.answer(404);
  CHECK(words_of(forge) == "127.0.0.1 knows nothing of the repository 'ada/shop', or the token may not see it (404)");
  forge.answer(301);
  CHECK_THAT(words_of(forge), ContainsSubstring("the repository 'ada/shop' has moved (301)"));
  forge.answer(422, R"({"message":"Validation Failed","errors":[{"message":"Hook already exists"},"x"]})");
  const auto error = failure_of([&] { static_cast<void>(forge.api(Kind::github)->clone_url()); });
  CHECK_THAT(error.message(),
             ContainsSubstring("answers 422") && ContainsSubstring(": Validation Failed; Hook already exists; x"));
  CHECK(error.status() == 422);
  CHECK(error.is_final());
  CHECK(forge.count() == 5); // none of that is asked again
}

TEST_CASE("what a forge says cannot drive a terminal, nor fill it") {
  RecordingForge forge;
  forge.answer(418, R"({"error":{"message":"\u001b[2J)" + std::string(1000, 'x') + "\"}}");
  const std::string words = words_of(forge);
  CHECK(words.find('\x1b') == std::string::npos);
  CHECK(words.size() < 400);
}

TEST_CASE("a forge in trouble is asked again where that cannot do anything twice") {
  RecordingForge forge;
  forge.answer(502, "<html>");
  forge.answer(503);
  forge.answer(200, R"({"clone_url":"https://x/y.git"})");
  CHECK(forge.api(Kind::github)->clone_url() == "https://x/y.git");
  CHECK(forge.count() == 3);
  forge.answer(500);
  CHECK(failure_of([&] { forge.api(Kind::github)->create_hook({.url = "u", .secret = "s"}); }).status() == 500);
  CHECK(forge.count() == 4);
  forge.answer(500);
  forge.api(Kind::github)->set_status({.commit = "c", .context = "x", .description = "d", .target_url = ""});
  CHECK(forge.count() == 6);
  for (int i = 0; i < 3; ++i) {
    forge.answer(504);
  }
  CHECK_THAT(words_of(forge), ContainsSubstring("answers 504 when asked for the repository"));
}

TEST_CASE("a forge that nobody answers for is unreachable in words") {
  const SystemClock clock;
  const auto api = forge::make_api(
      Kind::gitea, {.api = fmt::format("http://127.0.0.1:{}", free_port()), .repo = "a/b", .token = "t"},
      {.tries = 2, .first_pause = Milliseconds(1)}, clock);
  const auto error = failure_of([&] { static_cast<void>(api->hooks()); });
  CHECK_THAT(error.message(), ContainsSubstring("cannot connect to"));
  CHECK(error.status() == 0);
}

TEST_CASE("nonsense is told as such") {
  RecordingForge forge;
  const auto api = forge.api(Kind::github);
  forge.answer(200, "<html>hello</html>");
  CHECK_THAT(words_of(forge), ContainsSubstring("answers nonsense when asked for the repository 'ada/shop': that is no "
                                                "JSON"));
  forge.answer(200, R"({"clone_url":17.5})");
  CHECK_THAT(words_of(forge), ContainsSubstring("there is no 'clone_url'"));
  forge.answer(200, R"({"message":"hello"})");
  CHECK_THAT(failure_of([&] { static_cast<void>(api->hooks()); }).message(), ContainsSubstring("that is no list"));
  forge.answer(200, R"([1, null, {"id": {}, "config": [], "events": "push", "active": "yes"}])");
  const auto hooks = api->hooks();
  CHECK(hooks.size() == 3);
  CHECK(hooks[2].url.empty());
  forge.answer(200, std::string(10'000, '['));
  CHECK_THAT(failure_of([&] { static_cast<void>(api->hooks()); }).message(), ContainsSubstring("no JSON"));
  forge.answer(201, "created!");
  CHECK(failure_of([&] { static_cast<void>(api->create_deployment("c", "live")); }).status() == 0);
}

TEST_CASE("a rate limit that ends soon is waited for, and that is said") {
  RecordingForge forge;
  const auto in_a_second = forge.clock().now() + std::chrono::seconds(1);
  const auto reset = std::chrono::duration_cast<std::chrono::seconds>(in_a_second.time_since_epoch()).count();
  forge.answer(403, R"({"message":"API rate limit exceeded"})",
               {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", std::to_string(reset)}});
  forge.answer(200, R"({"clone_url":"https://x/y.git"})");
  std::vector<std::string> told;
  const auto api = forge.api(Kind::github, "", {.tell = [&](const std::string& what) { told.push_back(what); }});
  CHECK(api->clone_url() == "https://x/y.git");
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], ContainsSubstring("takes no more requests until " + format_time(in_a_second) + " (rate limit)"));
}

TEST_CASE("a rate limit that lasts is an error with its end") {
  RecordingForge forge;
  const TimePoint now = forge.clock().now();
  const auto limited = [&](int status, const http::HeaderList& headers) {
    forge.answer(status, "{}", headers);
    return failure_of(
               [&] { static_cast<void>(forge.api(Kind::gitlab, "", {.longest_wait = Milliseconds(0)})->clone_url()); })
        .until();
  };
  CHECK(limited(429, {{"Retry-After", "30"}}) == now + std::chrono::seconds(30));
  CHECK(limited(403, {{"Retry-After", "0"}}) == now + std::chrono::seconds(1));
  CHECK(limited(429, {}) == now + std::chrono::minutes(1));
  CHECK(limited(429, {{"RateLimit-Reset", "99999999999999999999"}}) == now + std::chrono::minutes(1));
  CHECK(limited(429, {{"RateLimit-Reset", "99999999999"}}) == now + std::chrono::hours(2));
  CHECK_FALSE(limited(403, {{"X-RateLimit-Remaining", "12"}}));
}

TEST_CASE("an interrupted request is over, and nothing is asked again") {
  RecordingForge forge;
  std::stop_source end;
  end.request_stop();
  const auto api = forge.api(Kind::github, "", {.interrupt = end.get_token()});
  CHECK_THROWS_AS(api->clone_url(), Error);
  CHECK(forge.count() == 0);
}

TEST_CASE("only links of a list's next page count") {
  CHECK(forge::next_link({{"link", "<https://x/1>; rel=\"prev\", <https://x/3>; rel=\"next\""}}) == "https://x/3");
  CHECK(forge::next_link({{"link", "<https://x/1>; rel=\"prev\""}}).empty());
  CHECK(forge::next_link({{"link", ">< rel=\"next\""}}).empty());
  CHECK(forge::next_link({}).empty());
}
