#include "core/error.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "upkeep/own_repositories.hpp"

using namespace teal;

TEST_CASE("a repository of one's own is asked what it deploys and told if it is gone or another's") {
  const TempFolder folder;
  const Home home{folder.path() / "home"};
  const auto path = folder.path() / "own.git";
  CHECK_THROWS_WITH(require_own_repository(home, "shop", path),
                    ContainsSubstring("is gone; if it does not come back: tealhook hook remove " + path.string()));
  auto repository = git::Repository::create_bare(path, "main");
  CHECK_THROWS_WITH(require_own_repository(home, "shop", path), ContainsSubstring("does not deploy the app any more"));
  git::install_hooks(repository, {home.root, "shop", Color::green}, folder.path() / "tealhook");
  CHECK(require_own_repository(home, "shop", path).destination == Destination(Color::green));
  CHECK_THROWS_WITH(require_own_repository(home, "blog", path), ContainsSubstring("--app blog"));
}
