#include "old_observer.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::tool;

namespace {

std::vector<std::string> words_of(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& one : words) {
    pointers.push_back(one.data());
  }
  return plain_words(static_cast<int>(pointers.size()), pointers.data());
}

serve::ObserveWish completed(serve::ObserveWish wish, const OldObserver& old, const Environment& environment) {
  complete(wish, old, environment, "127.0.0.1:8888");
  return wish;
}

const Environment k_environment{{"DPLOY_PUBLIC_NODE", "hooks.example.com"},
                                {"DPLOY_OBSERVER_GITHUB_PAT", "p4t"},
                                {"DPLOY_OBSERVER_GITHUB_OWNER", "ada"},
                                {"DPLOY_OBSERVER_GITHUB_REPO", "shop"},
                                {"DPLOY_OBSERVER_TARGETBRANCH", "dcos"}};

} // namespace

TEST_CASE("the options of dploy's observer are taken with one dash, of the commands that observe alone") {
  CHECK(words_of({"tealhook", "serve", "-pat=x", "-owner", "ada", "-repo=shop", "--observe"}) ==
        std::vector<std::string>{"serve", "--pat=x", "--owner", "ada", "--repo=shop", "--observe"});
  CHECK(words_of({"tealhook", "freeze", "shop", "-m", "-pat"}) ==
        std::vector<std::string>{"freeze", "shop", "-m", "-pat"});
  CHECK(words_of({"tealhook"}).empty());
}

TEST_CASE("what dploy's observer had by its environment is observed") {
  const auto wish = completed({}, {}, k_environment);
  CHECK(wish.forge == SourceSettings::Forge::github);
  CHECK(wish.repo == "ada/shop");
  CHECK(wish.token == "p4t");
  CHECK(wish.branch == "dcos");
  CHECK(wish.public_url == "http://hooks.example.com:8888");
  CHECK(is_named_by(k_environment));
  CHECK_FALSE(is_named_by({}));
}

TEST_CASE("the command line wins over the environment, and our own options over those of dploy's observer") {
  const auto wish = completed({.repo = "other"}, {.pat = "q", .owner = "bob"}, k_environment);
  CHECK(wish.repo == "bob/other");
  CHECK(wish.token == "q");
  const auto own = completed({.repo = "eve/mine", .public_url = "https://we", .token_file = "/t"}, {}, k_environment);
  CHECK(own.repo == "eve/mine");
  CHECK(own.token.empty());
  CHECK(own.public_url == "https://we");
  const auto other = completed({.forge = SourceSettings::Forge::gitea}, {}, k_environment);
  CHECK(other.repo.empty());
  CHECK(other.token.empty());
}

TEST_CASE("a public node may have a port, or be a whole URL") {
  Environment environment = k_environment;
  environment["DPLOY_PUBLIC_NODE"] = "10.0.0.1:31001";
  CHECK(completed({}, {}, environment).public_url == "http://10.0.0.1:31001");
  environment["DPLOY_PUBLIC_NODE"] = "https://hooks.example.com/x";
  CHECK(completed({}, {}, environment).public_url == "https://hooks.example.com/x");
}
