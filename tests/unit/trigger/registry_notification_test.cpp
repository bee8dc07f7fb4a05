#include "core/error.hpp"
#include "support/catch.hpp"
#include "trigger/registry_notification.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

const std::string k_digest = "sha256:" + std::string(64, 'a');
constexpr const char* k_manifest = "application/vnd.docker.distribution.manifest.v2+json";

std::string event_of(const std::string& action, const std::string& type, const std::string& repository,
                     const std::string& tag, const std::string& digest = k_digest) {
  return fmt::format(R"({{"id":"e1","action":"{}","target":{{"mediaType":"{}","digest":"{}","repository":"{}",)"
                     R"("tag":"{}"}},"actor":{{"name":"ci"}}}})",
                     action, type, digest, repository, tag);
}

std::string envelope(const std::string& events) {
  return "{\"events\":[" + events + "]}";
}

} // namespace

TEST_CASE("of a registry's events only pushed manifests are images") {
  const auto images = parse_notification(envelope(
      event_of("push", "application/octet-stream", "team/shop", "") + "," +
      event_of("push", k_manifest, "team/shop", "stable") + "," + event_of("pull", k_manifest, "team/shop", "x") + "," +
      event_of("push", "application/vnd.oci.image.index.v1+json", "shop", "")));
  REQUIRE(images.size() == 2);
  CHECK(images[0].id == "e1");
  CHECK(images[0].repository == "team/shop");
  CHECK(images[0].tag == "stable");
  CHECK(images[0].digest == k_digest);
  CHECK(images[0].who == "ci");
  CHECK(images[1].repository == "shop");
  CHECK(images[1].tag.empty());
  CHECK(parse_notification(envelope("")).empty());
}

TEST_CASE("an image with a name or tag or digest that is none is refused") {
  const auto refusal = [](const std::string& event) { return parse_notification(envelope(event)); };
  CHECK_THROWS_WITH(refusal(event_of("push", k_manifest, "../shop", "x")), "'../shop' is no name of a repository");
  CHECK_THROWS_WITH(refusal(event_of("push", k_manifest, "Shop", "x")), "'Shop' is no name of a repository");
  CHECK_THROWS_WITH(refusal(event_of("push", k_manifest, "shop", "-x")), "'-x' is no tag");
  CHECK_THROWS_WITH(refusal(event_of("push", k_manifest, "shop", "x", "sha256:12")), "'sha256:12' is no digest");
  CHECK_THROWS_WITH(refusal("7"), "what is to have 'target.mediaType' is no object");
  CHECK_THROWS_WITH(parse_notification("{}"), "'events' is missing");
}

TEST_CASE("a registry is believed by its bearer token") {
  CHECK_FALSE(why_notification_refused({{"Authorization", "Bearer s3cret"}}, {"s3cret"}));
  CHECK(why_notification_refused({{"Authorization", "Bearer x"}}, {"s3cret"}) ==
        "the token in Authorization does not match secret_file");
  CHECK(why_notification_refused({}, {"s3cret"}) == "no Authorization header");
}

TEST_CASE("a registry is a sender whose refs are its images and whose commits are their digests") {
  const webhook::Forge& sender = registry_sender();
  CHECK_FALSE(sender.why_refused({{"Authorization", "Bearer s3cret"}}, "", {"s3cret"}));
  CHECK(sender.why_refused({}, "", {"s3cret"}));
  const auto deliveries = sender.parse({}, envelope(event_of("push", k_manifest, "team/shop", "stable") + "," +
                                                    event_of("push", k_manifest, "team/shop", "")));
  REQUIRE(deliveries.size() == 1);
  CHECK(deliveries[0].id == "e1");
  CHECK(webhook::is_request(deliveries[0]));
  CHECK(deliveries[0].ref == "team/shop:stable");
  CHECK(deliveries[0].new_commit == k_digest);
  const auto none = sender.parse({}, envelope(event_of("push", k_manifest, "team/shop", "")));
  REQUIRE(none.size() == 1);
  CHECK_FALSE(webhook::is_request(none[0]));
  CHECK(webhook::why_no_request(none[0]) == "no image was pushed with a tag");
}
