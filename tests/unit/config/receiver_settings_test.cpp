#include "config/binding.hpp"
#include "config_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

ReceiverSettings receiver_with(const std::string& text) {
  return parse_receiver_settings({"receive.yml", text});
}
std::string complaint(const std::string& text) {
  return complaint_of([&] { static_cast<void>(receiver_with(text)); });
}
const std::string k_hub = "{app: shop, name: hub, forge: github, secret_file: hub.secret";

} // namespace

TEST_CASE("every key of a receiver is read") {
  const ReceiverSettings settings = receiver_with(
      "file: '{app}-{source}-{owner}-{repo}-{branch}'\ntrusted_proxies: [10.0.0.0/8]\nsources:\n- " + k_hub +
      ", old_secret_file: hub.old, branch: 'release/*'}\n- {app: blog, name: hub, forge: gitlab, "
      "secret_file: /run/secrets/blog}\n");
  CHECK(settings.file == "{app}-{source}-{owner}-{repo}-{branch}");
  CHECK(settings.trusted_proxies == Texts{"10.0.0.0/8"});
  REQUIRE(settings.sources.size() == 2);
  CHECK(settings.sources[0].app == "shop");
  CHECK(settings.sources[0].name == "hub");
  CHECK(settings.sources[0].forge == SourceSettings::Forge::github);
  CHECK(settings.sources[0].secret_file == "hub.secret");
  CHECK(settings.sources[0].old_secret_file == "hub.old");
  CHECK(settings.sources[0].branch == "release/*");
  CHECK(settings.sources[1].app == "blog");
  CHECK(settings.sources[1].forge == SourceSettings::Forge::gitlab);
  CHECK(receiver_with("sources: [" + k_hub + "}]").file == "push-{repo}-{branch}");
}

TEST_CASE("what a receiver could not work by is refused with its line") {
  CHECK_THAT(complaint(""), ContainsSubstring("receive.yml:1: 'sources' is missing"));
  CHECK_THAT(complaint("sources: [" + k_hub + "}, " + k_hub + "}]"),
             ContainsSubstring("receive.yml:1: 'sources[2].name' is 'hub', and app 'shop' has one"));
  CHECK_THAT(complaint("sources: [{app: shop, name: hub, forge: github}]"),
             ContainsSubstring("secret_file' is missing"));
  for (const std::string pattern :
       {"'../{branch}'", "'.{branch}'", "'push-{repo'", "'push-{commit}'", "'{branch}.tmp'"}) {
    INFO(pattern);
    CHECK_THAT(complaint("file: " + pattern + "\nsources: [" + k_hub + "}]"),
               ContainsSubstring("receive.yml:1: 'file' is"));
  }
}
