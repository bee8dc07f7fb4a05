#include "core/error.hpp"
#include "git/hook.hpp"
#include "support/catch.hpp"
#include "unit/git/git_fixture.hpp"

using namespace teal;
using namespace teal::git;

namespace {

namespace fs = std::filesystem;

const fs::path k_programs = "/opt/tealhook/libexec/tealhook";

class BareRepository {
public:
  [[nodiscard]] fs::path path() const { return m_folder.path() / "shop.git"; }
  [[nodiscard]] fs::path hook() const { return path() / "hooks/post-receive"; }
  [[nodiscard]] fs::path kept() const { return path() / "hooks/post-receive.before-tealhook"; }
  Repository& repository() { return m_repository; }
  void install() { install_hooks(m_repository, {"/srv/tealhook", "shop", Color::green}, k_programs); }
  void write_hook(const std::string& text) const {
    write_text(hook(), text);
    fs::permissions(hook(), fs::perms(0755));
  }

private:
  TempFolder m_folder;
  Repository m_repository = Repository::create_bare(path(), "main");
};

} // namespace

TEST_CASE("an installed hook is a link, and the repository knows what it deploys") {
  BareRepository bare;
  CHECK_FALSE(read_binding(bare.repository()));
  bare.install();
  CHECK(fs::read_symlink(bare.hook()) == k_programs / "post-receive");
  CHECK(fs::read_symlink(bare.path() / "hooks/pre-receive") == k_programs / "pre-receive");
  CHECK(are_installed(bare.repository(), k_programs));
  CHECK_FALSE(are_installed(bare.repository(), "/elsewhere/libexec/tealhook"));
  const auto binding = read_binding(bare.repository());
  REQUIRE(binding);
  CHECK(binding->home == "/srv/tealhook");
  CHECK(binding->app == "shop");
  CHECK(binding->destination == Color::green);
  CHECK_FALSE(binding->gate);
  CHECK_FALSE(kept_hook(bare.repository(), k_post_receive));
  CHECK(kept_hook_command(bare.repository(), k_post_receive).empty());
}

TEST_CASE("a repository may deploy whichever color is idle") {
  BareRepository bare;
  install_hooks(bare.repository(), {.home = "/srv/tealhook", .app = "shop", .destination = Destination::live()},
                k_programs);
  const auto binding = read_binding(bare.repository());
  REQUIRE(binding);
  CHECK(binding->destination == Destination::live());
}

TEST_CASE("a hook that was there is kept, through every further installation, and comes back") {
  BareRepository bare;
  bare.write_hook("#!/bin/sh\necho mine\n");
  for (int i = 0; i < 3; ++i) {
    bare.install();
    CHECK(kept_hook(bare.repository(), k_post_receive) == bare.kept());
  }
  CHECK(kept_hook_command(bare.repository(), k_post_receive) == std::vector{bare.kept().string()});
  CHECK(remove_hooks(bare.repository()));
  CHECK(content_of(bare.hook()) == "#!/bin/sh\necho mine\n");
  CHECK((fs::status(bare.hook()).permissions() & fs::perms::owner_exec) != fs::perms::none);
  CHECK_FALSE(fs::exists(bare.kept()));
  CHECK_FALSE(read_binding(bare.repository()));
  CHECK_FALSE(remove_hooks(bare.repository()));
  CHECK(fs::exists(bare.hook()));
}

TEST_CASE("a hook that is removed leaves the repository's configuration as it was") {
  BareRepository bare;
  const std::string before = content_of(bare.path() / "config");
  bare.install();
  CHECK(content_of(bare.path() / "config") != before);
  REQUIRE(remove_hooks(bare.repository()));
  CHECK(content_of(bare.path() / "config") == before);
}

TEST_CASE("what others keep in our section of a repository's configuration stays") {
  BareRepository bare;
  bare.install();
  bare.repository().set_config("tealhook.note", "mine");
  bare.repository().set_config("other.key", "theirs");
  REQUIRE(remove_hooks(bare.repository()));
  CHECK(bare.repository().config("tealhook.note") == "mine");
  CHECK(bare.repository().config("other.key") == "theirs");
}

TEST_CASE("a repository may be gated, and no longer") {
  BareRepository bare;
  install_hooks(bare.repository(), {.home = "/srv/tealhook", .app = "shop", .gate = true}, k_programs);
  CHECK(read_binding(bare.repository())->gate);
  bare.install();
  CHECK_FALSE(read_binding(bare.repository())->gate);
}

TEST_CASE("each hook that was there is kept beside its own") {
  BareRepository bare;
  const fs::path gate = bare.path() / "hooks/pre-receive";
  write_text(gate, "#!/bin/sh\necho gate\n");
  fs::permissions(gate, fs::perms(0755));
  bare.install();
  CHECK(kept_hook(bare.repository(), k_pre_receive));
  CHECK_FALSE(kept_hook(bare.repository(), k_post_receive));
  CHECK(remove_hooks(bare.repository()));
  CHECK(content_of(gate) == "#!/bin/sh\necho gate\n");
}

TEST_CASE("a second hook never takes the kept one's place") {
  BareRepository bare;
  bare.write_hook("#!/bin/sh\necho first\n");
  bare.install();
  fs::remove(bare.hook());
  bare.write_hook("#!/bin/sh\necho second\n");
  CHECK_THROWS_WITH(bare.install(), ContainsSubstring("is kept already"));
  CHECK(content_of(bare.kept()) == "#!/bin/sh\necho first\n");
  CHECK(content_of(bare.hook()) == "#!/bin/sh\necho second\n");
  CHECK(remove_hooks(bare.repository()));
  CHECK(content_of(bare.hook()) == "#!/bin/sh\necho second\n");
}

TEST_CASE("the link of another version of ours is renewed, not kept, even where it leads nowhere") {
  BareRepository bare;
  fs::create_directories(bare.hook().parent_path());
  fs::create_symlink("/opt/tealhook-0.0/libexec/tealhook/post-receive", bare.hook());
  bare.install();
  CHECK(are_installed(bare.repository(), k_programs));
  CHECK_FALSE(fs::exists(fs::symlink_status(bare.kept())));
}

TEST_CASE("a link to somebody else's hook is kept as a link") {
  BareRepository bare;
  fs::create_directories(bare.hook().parent_path());
  fs::create_symlink("/usr/bin/true", bare.hook());
  bare.install();
  CHECK(fs::read_symlink(bare.kept()) == "/usr/bin/true");
  CHECK(remove_hooks(bare.repository()));
  CHECK(fs::read_symlink(bare.hook()) == "/usr/bin/true");
}

TEST_CASE("a kept hook runs as git runs it: not if it is not executable, by the shell if it names no interpreter") {
  BareRepository bare;
  bare.write_hook("echo plain\n");
  bare.install();
  CHECK(kept_hook_command(bare.repository(), k_post_receive) ==
        std::vector<std::string>{"/bin/sh", bare.kept().string()});
  fs::permissions(bare.kept(), fs::perms(0644));
  CHECK_FALSE(kept_hook(bare.repository(), k_post_receive));
}

TEST_CASE("core.hooksPath is where the hook goes") {
  BareRepository bare;
  bare.repository().set_config("core.hooksPath", "my-hooks");
  bare.install();
  CHECK(fs::is_symlink(bare.path() / "my-hooks/post-receive"));
  CHECK_FALSE(fs::exists(fs::symlink_status(bare.hook())));
  CHECK(remove_hooks(bare.repository()));
  CHECK_FALSE(fs::exists(fs::symlink_status(bare.path() / "my-hooks/post-receive")));
}

TEST_CASE("a repository that is not bare is refused, and left as it was") {
  const GitFixture fixture;
  auto repository = Repository::open(fixture.source());
  CHECK_THROWS_WITH(install_hooks(repository, {"/srv/tealhook", "shop", Color::blue}, k_programs),
                    ContainsSubstring("is not a bare repository"));
  CHECK_FALSE(read_binding(repository));
  CHECK_FALSE(fs::exists(fs::symlink_status(fixture.source() / ".git/hooks/post-receive")));
}

TEST_CASE("a damaged binding is an error that says how to mend it") {
  BareRepository bare;
  bare.install();
  bare.repository().set_config("tealhook.color", "red");
  CHECK_THROWS_WITH(static_cast<void>(read_binding(bare.repository())), ContainsSubstring("tealhook hook install"));
  bare.repository().set_config("tealhook.color", "blue");
  bare.repository().unset_config("tealhook.app");
  CHECK_THROWS_AS(static_cast<void>(read_binding(bare.repository())), Error);
}

TEST_CASE("a hooks folder that cannot be written to is an error of the environment") {
  BareRepository bare;
  fs::remove_all(bare.hook().parent_path());
  write_text(bare.hook().parent_path(), "in the way");
  try {
    bare.install();
    FAIL("was installed");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::environment);
    CHECK_THAT(error.what(), ContainsSubstring("while changing the hooks in"));
  }
}
