#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "target/plan.hpp"

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// A work tree beside a folder that it must not reach.
class Tree {
public:
  Tree() {
    fs::create_directories(root() / "sub");
    fs::create_directories(outside());
    write_file(root() / "Dockerfile", "FROM scratch\n");
    write_file(root() / "sub/Dockerfile", "FROM scratch\n");
    write_file(outside() / "Dockerfile", "FROM scratch\n");
  }
  [[nodiscard]] fs::path root() const { return m_folder.path() / "tree"; }
  [[nodiscard]] fs::path outside() const { return m_folder.path() / "tree-beside"; }
  void link(const fs::path& to, const fs::path& name) const { fs::create_symlink(to, root() / name); }

private:
  TempFolder m_folder;
};

} // namespace

TEST_CASE("a path inside the work tree is found, by way of links inside it too") {
  const Tree tree;
  tree.link("sub", "link");
  tree.link(tree.root() / "sub", "absolute");
  CHECK(inside_work_tree(tree.root(), ".", "key") == tree.root());
  CHECK(inside_work_tree(tree.root(), "./sub", "key") == tree.root() / "sub");
  CHECK(inside_work_tree(tree.root(), "link/Dockerfile", "key") == tree.root() / "sub/Dockerfile");
  CHECK(inside_work_tree(tree.root(), "absolute/../Dockerfile", "key") == tree.root() / "Dockerfile");
}

TEST_CASE("a path that leads out of the work tree is refused with its key") {
  const Tree tree;
  tree.link("../tree-beside", "away");
  tree.link("/etc", "etc");
  tree.link("away", "twice");
  tree.link("..", "sub/up");
  for (const char* path : {"away", "away/Dockerfile", "etc", "twice", "sub/up/..", "..", "../tree-beside"}) {
    INFO(path);
    CHECK_THROWS_WITH(inside_work_tree(tree.root(), path, "some.key"),
                      ContainsSubstring("leads out of the work tree (some.key)"));
  }
}

TEST_CASE("a work tree that is itself reached by a link is no way out") {
  const Tree tree;
  fs::create_directory_symlink(tree.root(), tree.outside() / "home");
  CHECK(inside_work_tree(tree.outside() / "home", "sub", "key") == tree.root() / "sub");
}

TEST_CASE("what is missing, dangling or a loop of links is not in the commit") {
  const Tree tree;
  tree.link("gone", "dangling");
  tree.link("loop", "loop");
  for (const char* path : {"none", "dangling", "loop", "Dockerfile/below"}) {
    INFO(path);
    CHECK_THROWS_WITH(inside_work_tree(tree.root(), path, "key"), ContainsSubstring("is not in the commit (key)"));
  }
}

TEST_CASE("a build reads the Dockerfile in its context") {
  const Tree tree;
  CHECK(find_build_files(tree.root(), {}).context == tree.root());
  CHECK(find_build_files(tree.root(), {}).dockerfile == tree.root() / "Dockerfile");
  CHECK(find_build_files(tree.root(), {.context = "sub"}).dockerfile == tree.root() / "sub/Dockerfile");
  tree.link("sub/Dockerfile", "Linked");
  CHECK(find_build_files(tree.root(), {.dockerfile = "Linked"}).dockerfile == tree.root() / "sub/Dockerfile");
}

TEST_CASE("a context that is a file, and a Dockerfile that is a folder, are told") {
  const Tree tree;
  CHECK_THROWS_WITH(find_build_files(tree.root(), {.dockerfile = "sub"}), "'sub' is not a file (build.dockerfile)");
  CHECK_THROWS_WITH(find_build_files(tree.root(), {.context = "Dockerfile"}),
                    "'Dockerfile' is not a folder (build.context)");
}

TEST_CASE("an ignore file that leads out is refused, wherever a build would look for one") {
  const Tree tree;
  const auto target = tree.outside() / "Dockerfile";
  SECTION("of the context") {
    tree.link(target, ".dockerignore");
    CHECK_THROWS_WITH(find_build_files(tree.root(), {}), ContainsSubstring("'.dockerignore' leads out"));
    CHECK_NOTHROW(find_build_files(tree.root(), {.context = "sub"}));
  }
  SECTION("of the Dockerfile, where a link to it leads") {
    tree.link("sub/Dockerfile", "Linked");
    tree.link(target, "sub/Dockerfile.dockerignore");
    CHECK_THROWS_WITH(find_build_files(tree.root(), {.dockerfile = "Linked"}),
                      ContainsSubstring("'sub/Dockerfile.dockerignore' leads out"));
  }
  SECTION("but one that leads to a file of the tree is fine") {
    tree.link("sub/Dockerfile", ".dockerignore");
    CHECK_NOTHROW(find_build_files(tree.root(), {}));
  }
}
