#include "access/key_request.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

const Home k_home{"/srv/tealhook"};

std::string named(const std::string& path) {
  const auto found = repository_named(k_home, path);
  return found ? found->app + " " + found->path.string() : "nothing";
}

} // namespace

TEST_CASE("what git asks for is told from commands and from nothing") {
  CHECK(std::holds_alternative<NothingAsked>(parse_key_request("  ")));
  const KeyRequest push = parse_key_request("git-receive-pack 'shop/blue'");
  CHECK(std::get<GitRequest>(push).writes);
  CHECK(std::get<GitRequest>(push).path == "shop/blue");
  CHECK_FALSE(std::get<GitRequest>(parse_key_request("git upload-pack /shop/blue.git")).writes);
  CHECK(std::get<CommandWords>(parse_key_request("rollback shop '17'")) == CommandWords{"rollback", "shop", "17"});
  CHECK(std::get<CommandWords>(parse_key_request("git-upload-archive 'shop/blue'")).size() == 2);
  CHECK(std::get<CommandWords>(parse_key_request("git")).size() == 1);
  CHECK(std::get<CommandWords>(parse_key_request("git status")) == CommandWords{"git", "status"});
}

TEST_CASE("what git itself never asks is refused") {
  for (const char* line : {"git-receive-pack", "git-receive-pack a b", "git-upload-pack --strict 'shop/blue'",
                           "git-receive-pack 'shop/blue", "git-receive-pack 'shop/blue'\nstatus"}) {
    INFO(line);
    CHECK_THROWS_AS(parse_key_request(line), Error);
  }
}

TEST_CASE("a repository is named by app and color in each way that people write it") {
  const std::string blue = "shop /srv/tealhook/apps/shop/blue.git";
  for (const char* path : {"shop/blue", "/shop/blue", "shop/blue.git", "/shop/blue.git", "~/shop/blue",
                           "~/shop/blue.git", "/srv/tealhook/apps/shop/blue", "/srv/tealhook/apps/shop/blue.git"}) {
    INFO(path);
    CHECK(named(path) == blue);
  }
  CHECK(named("shop/green") == "shop /srv/tealhook/apps/shop/green.git");
  CHECK(named("shop/live") == "shop /srv/tealhook/apps/shop/live.git");
}

TEST_CASE("no other text names a repository") {
  for (const std::string path : {"",
                                 "/",
                                 "~",
                                 "shop",
                                 "shop/",
                                 "/shop",
                                 "shop//blue",
                                 "//shop/blue",
                                 "shop/blue/",
                                 "./shop/blue",
                                 "shop/./blue",
                                 "../shop/blue",
                                 "shop/../shop/blue",
                                 "shop/blue/../blue",
                                 "shop/blue.git.git",
                                 "shop/blue.git/",
                                 "shop/red",
                                 "shop/BLUE",
                                 "Shop/blue",
                                 "shop/.git",
                                 "apps/shop/blue",
                                 "~shop/blue",
                                 "~//shop/blue",
                                 "~/../shop/blue",
                                 "/srv/tealhook/shop/blue",
                                 "/srv/tealhook/apps//shop/blue",
                                 "/srv/tealhook/apps/../apps/shop/blue.git",
                                 "/srv/tealhook/apps/shop/../blog/blue.git",
                                 "/srv//tealhook/apps/shop/blue",
                                 "shop/blue ",
                                 " shop/blue",
                                 "shop\\blue",
                                 "*/blue",
                                 "s?op/blue",
                                 "shop/blue'",
                                 "shop/blue;id",
                                 "$(id)/blue",
                                 "-x/blue",
                                 "--/blue",
                                 "shop/gate",
                                 "shop/submodules",
                                 "..",
                                 "../..",
                                 "shop/blue\t"}) {
    INFO(path);
    CHECK(named(path) == "nothing");
  }
  CHECK_FALSE(repository_named(k_home, std::string_view("shop/blue\0", 10)));
}
