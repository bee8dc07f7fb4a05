#include "unit/trigger/forge/forge_fixture.hpp"

using namespace teal;
using webhook::DeliveryKind;

namespace {

http::HeaderList headers_of(const std::string& event) {
  return {{"X-Gitea-Event", event}, {"X-Gitea-Delivery", "f6266f16"}};
}

std::string push_of(const std::string& ref, const std::string& after, int total) {
  return fmt::format(R"({{"ref":"{}","before":"{}","after":"{}","total_commits":{},)"
                     R"("head_commit":{{"id":"{}","message":"m"}},"commits":[{{"id":"{}","modified":["x"]}}],)"
                     R"("repository":{{"full_name":"team/shop","clone_url":"http://h/team/shop.git","ssh_url":""}},)"
                     R"("pusher":{{"login":"ann"}},"sender":{{"login":"bob"}}}})",
                     ref, k_old, after, total, after, after);
}

} // namespace

TEST_CASE("a push of Gitea is a delivery whose paths are complete only if all commits are listed") {
  const auto push = only_delivery("gitea", headers_of("push"), push_of("refs/heads/main", k_new, 1));
  CHECK(push.kind == DeliveryKind::push);
  CHECK(push.id == "f6266f16");
  CHECK(push.new_commit == k_new);
  CHECK(push.repository == "team/shop");
  CHECK(push.clone_urls == std::vector<std::string>{"http://h/team/shop.git"});
  CHECK(push.pusher == "ann");
  CHECK(push.is_paths_complete);
  CHECK_FALSE(only_delivery("gitea", headers_of("push"), push_of("refs/heads/main", k_new, 6)).is_paths_complete);
  CHECK(only_delivery("gitea", headers_of("push"), push_of("refs/heads/main", k_zero, 0)).kind ==
        DeliveryKind::removal);
}

TEST_CASE("Gitea says that a ref is gone by an event of its own") {
  const auto gone = only_delivery("gitea", headers_of("delete"),
                                  R"({"ref":"v1","ref_type":"tag","repository":{"full_name":"team/shop"}})");
  CHECK(gone.kind == DeliveryKind::removal);
  CHECK(gone.ref == "refs/tags/v1");
  CHECK(only_delivery("gitea", headers_of("create"), "{}").kind == DeliveryKind::ignored);
  const std::string release =
      R"({"action":"published","release":{"tag_name":"v2"},"repository":{"full_name":"team/shop"}})";
  CHECK(only_delivery("gitea", headers_of("release"), release).ref == "refs/tags/v2");
  CHECK(only_delivery("gitea", headers_of("fork"), "{}").note == "an event 'fork' asks for no deployment");
}

TEST_CASE("Forgejo's own headers come before Gitea's") {
  const http::HeaderList headers{
      {"X-Forgejo-Event", "push"}, {"X-Forgejo-Delivery", "1"}, {"X-Gitea-Event", "fork"}, {"X-Gitea-Delivery", "2"}};
  CHECK(only_delivery("forgejo", headers, push_of("refs/heads/main", k_new, 1)).id == "1");
}

TEST_CASE("Gitea is believed by the bare digits of its signature and not without a secret") {
  const webhook::Forge* forge = webhook::find_forge("gitea");
  const std::string hex = http::hmac_hex(http::Hash::sha256, "s", "{}");
  CHECK_FALSE(forge->why_refused({{"X-Gitea-Signature", hex}}, "{}", {"s"}));
  CHECK_FALSE(forge->why_refused({{"X-Forgejo-Signature", hex}, {"X-Gitea-Signature", hex}}, "{}", {"s"}));
  CHECK(forge->why_refused({{"X-Gitea-Signature", ""}}, "{}", {"s"}) ==
        "the X-Gitea-Signature header is empty: the sender has no secret");
  CHECK(forge->why_refused({{"X-Forgejo-Signature", "00"}, {"X-Gitea-Signature", hex}}, "{}", {"s"}) ==
        "the signature in X-Forgejo-Signature does not match secret_file");
}

TEST_CASE("no broken payload of Gitea is more than an error") {
  check_mutations("gitea", headers_of("push"), push_of("refs/heads/main", k_new, 1));
}
