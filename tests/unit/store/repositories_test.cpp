#include "store/repositories.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

using Paths = std::vector<std::filesystem::path>;

} // namespace

TEST_CASE_METHOD(StoreFixture, "a repository of one's own deploys the app that it was installed for last") {
  OwnRepositories repositories(m_database);
  repositories.add("/srv/git/shop.git", "shop");
  repositories.add("/srv/git/all.git", "shop");
  repositories.add("/srv/git/all.git", "shop");
  CHECK(repositories.list("shop") == Paths{"/srv/git/all.git", "/srv/git/shop.git"});
  repositories.add("/srv/git/all.git", "blog");
  CHECK(repositories.list("shop") == Paths{"/srv/git/shop.git"});
  CHECK(repositories.list("blog") == Paths{"/srv/git/all.git"});
}

TEST_CASE_METHOD(StoreFixture, "a repository is forgotten by itself or with its app") {
  OwnRepositories repositories(m_database);
  repositories.add("/srv/git/shop.git", "shop");
  repositories.add("/srv/git/blog.git", "blog");
  CHECK(repositories.forget("/srv/git/blog.git"));
  CHECK_FALSE(repositories.forget("/srv/git/blog.git"));
  m_history.forget_app("shop");
  CHECK(repositories.list("shop").empty());
}
