#include "unit/trigger/forge/forge_fixture.hpp"

using namespace teal;
using webhook::DeliveryKind;

namespace {

http::HeaderList headers_of(const std::string& event) {
  return {{"X-Gitlab-Event", event}, {"X-Gitlab-Event-UUID", "13792a34"}, {"Idempotency-Key", "f5e5f430"}};
}

std::string push_of(const std::string& ref, const std::string& after, const std::string& checkout) {
  return fmt::format(R"({{"object_kind":"push","ref":"{}","before":"{}","after":"{}","checkout_sha":{},)"
                     R"("user_username":"ann","total_commits_count":1,"commits":[{{"id":"{}","message":"m",)"
                     R"("added":["x"],"modified":[],"removed":[]}}],"project":{{"path_with_namespace":"team/shop",)"
                     R"("git_http_url":"https://h/team/shop.git","git_ssh_url":"git@h:team/shop.git"}}}})",
                     ref, k_old, after, checkout, k_new);
}

} // namespace

TEST_CASE("a push of GitLab is a delivery known by its idempotency key") {
  const auto push =
      only_delivery("gitlab", headers_of("Push Hook"), push_of("refs/heads/main", k_new, "\"" + k_new + "\""));
  CHECK(push.kind == DeliveryKind::push);
  CHECK(push.id == "f5e5f430");
  CHECK(push.new_commit == k_new);
  CHECK(push.repository == "team/shop");
  CHECK(push.clone_urls.size() == 2);
  CHECK(push.pusher == "ann");
  CHECK(push.message == "m");
  CHECK(push.is_paths_complete);
  CHECK(only_delivery("gitlab", {{"X-Gitlab-Event", "Push Hook"}, {"X-Gitlab-Event-UUID", "13792a34"}},
                      push_of("refs/heads/main", k_new, "null"))
            .id == "13792a34");
}

TEST_CASE("an annotated tag of GitLab stands for its commit and a ref that is gone has none") {
  const std::string tag_object(40, 'c');
  const auto tag =
      only_delivery("gitlab", headers_of("Tag Push Hook"), push_of("refs/tags/v1", tag_object, "\"" + k_new + "\""));
  CHECK(tag.kind == DeliveryKind::tag);
  CHECK(tag.new_commit == k_new);
  CHECK(only_delivery("gitlab", headers_of("Push Hook"), push_of("refs/heads/x", k_zero, "null")).kind ==
        DeliveryKind::removal);
}

TEST_CASE("a release of GitLab is one when it is made and other events ask for nothing") {
  const std::string made = fmt::format(
      R"({{"action":"create","tag":"v2","commit":{{"id":"{}"}},"project":{{"path_with_namespace":"team/shop"}}}})",
      k_new);
  const auto release = only_delivery("gitlab", headers_of("Release Hook"), made);
  CHECK(release.kind == DeliveryKind::release);
  CHECK(release.ref == "refs/tags/v2");
  CHECK(release.new_commit == k_new);
  CHECK(only_delivery("gitlab", headers_of("Release Hook"), R"({"action":"update"})").kind == DeliveryKind::ignored);
  CHECK(only_delivery("gitlab", headers_of("Note Hook"), "{}").note == "an event 'Note Hook' asks for no deployment");
}

TEST_CASE("GitLab is believed by its token") {
  const webhook::Forge* forge = webhook::find_forge("gitlab");
  CHECK_FALSE(forge->why_refused({{"X-Gitlab-Token", "s3cret"}}, "{}", {"old", "s3cret"}));
  CHECK(forge->why_refused({{"X-Gitlab-Token", "s3cre"}}, "{}", {"s3cret"}) ==
        "the token in X-Gitlab-Token does not match secret_file");
  CHECK(forge->why_refused({}, "{}", {"s3cret"}) == "no X-Gitlab-Token header");
}

TEST_CASE("no broken payload of GitLab is more than an error") {
  check_mutations("gitlab", headers_of("Push Hook"), push_of("refs/heads/main", k_new, "null"));
}
