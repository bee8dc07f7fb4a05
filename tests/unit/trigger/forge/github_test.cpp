#include "unit/trigger/forge/forge_fixture.hpp"

using namespace teal;
using webhook::DeliveryKind;

namespace {

http::HeaderList headers_of(const std::string& event) {
  return {{"X-GitHub-Event", event}, {"X-GitHub-Delivery", "72d3162e"}, {"Content-Type", "application/json"}};
}

std::string push_of(const std::string& ref, const std::string& before, const std::string& after) {
  return fmt::format(R"({{"ref":"{}","before":"{}","after":"{}","created":false,"deleted":false,"forced":true,)"
                     R"("head_commit":{{"id":"{}","message":"fix\n\nmore"}},)"
                     R"("commits":[{{"id":"{}","added":["web/a"],"modified":[],"removed":[]}}],)"
                     R"("repository":{{"full_name":"octo/shop","clone_url":"https://github.com/octo/shop.git",)"
                     R"("ssh_url":"git@github.com:octo/shop.git"}},"pusher":{{"name":"octo"}}}})",
                     ref, before, after, after, after);
}

} // namespace

TEST_CASE("a push of GitHub is a delivery with all that is to be known of it") {
  const auto push = only_delivery("github", headers_of("push"), push_of("refs/heads/main", k_old, k_new));
  CHECK(push.kind == DeliveryKind::push);
  CHECK(push.id == "72d3162e");
  CHECK(push.ref == "refs/heads/main");
  CHECK(push.old_commit == k_old);
  CHECK(push.new_commit == k_new);
  CHECK(push.repository == "octo/shop");
  CHECK(push.clone_urls ==
        std::vector<std::string>{"https://github.com/octo/shop.git", "git@github.com:octo/shop.git"});
  CHECK(push.pusher == "octo");
  CHECK(push.message == "fix\n\nmore");
  CHECK(push.forced);
  CHECK(push.paths == std::vector<std::string>{"web/a"});
  CHECK_FALSE(push.is_paths_complete); // it was forced: there may be others that are gone
}

TEST_CASE("a branch that GitHub says is new has no old commit and one that is deleted no new one") {
  const auto created = only_delivery("github", headers_of("push"), push_of("refs/heads/x", k_zero, k_new));
  CHECK(created.kind == DeliveryKind::push);
  CHECK(created.old_commit.empty());
  const auto deleted = only_delivery(
      "github", headers_of("push"),
      fmt::format(R"({{"ref":"refs/heads/x","before":"{}","after":"{}","deleted":true,"head_commit":null,)"
                  R"("commits":[],"repository":{{"full_name":"octo/shop"}}}})",
                  k_old, k_zero));
  CHECK(deleted.kind == DeliveryKind::removal);
  CHECK(deleted.new_commit.empty());
}

TEST_CASE("tags and releases and pings of GitHub are told apart and the rest is ignored with a reason") {
  CHECK(only_delivery("github", headers_of("push"), push_of("refs/tags/v1", k_zero, k_new)).kind == DeliveryKind::tag);
  CHECK(only_delivery("github", headers_of("push"), push_of("refs/pull/1/head", k_old, k_new)).kind ==
        DeliveryKind::ignored);
  CHECK(only_delivery("github", headers_of("ping"), R"({"zen":"x","hook_id":1})").kind == DeliveryKind::ping);
  const std::string release =
      R"({"action":"published","release":{"tag_name":"v2"},"repository":{"full_name":"octo/shop"}})";
  CHECK(only_delivery("github", headers_of("release"), release).ref == "refs/tags/v2");
  CHECK(only_delivery("github", headers_of("release"), R"({"action":"edited"})").note ==
        "a release was edited, not published");
  CHECK(only_delivery("github", headers_of("create"), "{}").note == "of 'create' a push comes, too");
  CHECK(only_delivery("github", headers_of("star"), "{}").note == "an event 'star' asks for no deployment");
}

TEST_CASE("a delivery of GitHub may come as a form") {
  const http::HeaderList headers{
      {"X-GitHub-Event", "ping"}, {"X-GitHub-Delivery", "1"}, {"Content-Type", "application/x-www-form-urlencoded"}};
  CHECK(only_delivery("github", headers, "payload=%7B%22zen%22%3A+%22x%22%7D").kind == DeliveryKind::ping);
  CHECK_THROWS_WITH(webhook::find_forge("github")->parse(headers, "{}"), "the form has no 'payload'");
}

TEST_CASE("a push of GitHub with twenty thousand commits is read and a broken one refused") {
  std::string commits;
  for (int i = 0; i < 20'000; ++i) {
    commits += fmt::format(R"({}{{"id":"{:040x}","message":"m","added":["file{}"]}})", i == 0 ? "" : ",", i + 1, i);
  }
  const std::string body = fmt::format(R"({{"ref":"refs/heads/main","before":"{}","after":"{}","commits":[{}],)"
                                       R"("repository":{{"full_name":"octo/shop"}}}})",
                                       k_old, k_new, commits);
  const auto push = only_delivery("github", headers_of("push"), body);
  CHECK(push.paths.size() == 10'000);
  CHECK_FALSE(push.is_paths_complete);
  CHECK_THROWS_WITH(webhook::find_forge("github")->parse(headers_of("push"), R"({"ref":7})"), "'ref' is no text");
  CHECK_THROWS_WITH(webhook::find_forge("github")->parse({{"X-GitHub-Event", "push"}}, "{}"),
                    "no X-GitHub-Delivery header, or several");
}

TEST_CASE("GitHub is believed by its signature of 256 bits alone") {
  const webhook::Forge* forge = webhook::find_forge("github");
  const std::string hex = http::hmac_hex(http::Hash::sha256, "s", "{}");
  CHECK_FALSE(forge->why_refused({{"X-Hub-Signature-256", "sha256=" + hex}}, "{}", {"s"}));
  CHECK(forge->why_refused({{"X-Hub-Signature", "sha1=" + http::hmac_hex(http::Hash::sha1, "s", "{}")}}, "{}", {"s"}) ==
        "no X-Hub-Signature-256 header");
  CHECK(forge->why_refused({{"X-Hub-Signature-256", "sha256=" + hex}}, "{ }", {"s"}) ==
        "the signature in X-Hub-Signature-256 does not match secret_file");
}

TEST_CASE("no broken payload of GitHub is more than an error") {
  check_mutations("github", headers_of("push"), push_of("refs/heads/main", k_old, k_new));
}
