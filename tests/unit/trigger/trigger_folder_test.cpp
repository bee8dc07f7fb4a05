#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "trigger/trigger_drop.hpp"
#include "trigger/trigger_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace teal;

namespace {

namespace fs = std::filesystem;

class TriggerFolderFixture {
protected:
  TriggerFolderFixture() { fs::create_directories(path()); }

  [[nodiscard]] fs::path path() const { return m_temp.path() / "drop"; }
  void put(const std::string& name, const std::string& text = "") const { write_file(path() / name, text); }
  [[nodiscard]] std::string refusal_of(const std::string& name, std::optional<uid_t> owner = {}) const {
    const TriggerFolder folder(path());
    const auto file = folder.take(name);
    REQUIRE(file);
    return folder.refuse_unless_fit(*file, owner).value_or("");
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& found : TriggerFolder(path()).names()) {
      names.push_back(found.name);
    }
    return names;
  }
  [[nodiscard]] std::size_t refused() const { return files::names_in(path() / ".refused").size(); }
  [[nodiscard]] std::size_t claimed() const { return files::names_in(path() / ".claimed").size(); }

  TempFolder m_temp;
};

} // namespace

TEST_CASE_METHOD(TriggerFolderFixture, "a file is taken, looked at, and gone once it is forgotten") {
  put("push-shop-main", "refs/heads/main 1a2b\x1b[31m\nrm -rf /\n");
  const TriggerFolder folder(path());
  const auto file = folder.take("push-shop-main");
  REQUIRE(file);
  CHECK(file->name == "push-shop-main");
  CHECK_FALSE(folder.refuse_unless_fit(*file, {}));
  CHECK(folder.first_line(*file) == "refs/heads/main 1a2b?[31m");
  CHECK_FALSE(folder.take("push-shop-main"));
  folder.forget(*file);
  CHECK(claimed() == 0);
  CHECK_NOTHROW(folder.forget(*file));
}

TEST_CASE_METHOD(TriggerFolderFixture, "one that comes during the work is another one") {
  const TriggerFolder folder(path());
  put("push", "1");
  const auto first = folder.take("push");
  put("push", "2");
  const auto second = folder.take("push");
  REQUIRE((first && second));
  CHECK(first->id != second->id);
  CHECK(folder.left_over().size() == 2);
  CHECK(folder.left_over().front().id == first->id);
  folder.forget(*first);
  CHECK(folder.first_line(*second) == "2");
}

TEST_CASE_METHOD(TriggerFolderFixture, "what a killed predecessor had taken is left over for the next one") {
  put("push+1-main", "1");
  const auto taken = TriggerFolder(path()).take("push+1-main");
  const TriggerFolder next(path());
  const auto left = next.left_over();
  REQUIRE(left.size() == 1);
  CHECK(left.front().id == taken->id);
  CHECK(left.front().name == "push+1-main");
  CHECK_FALSE(next.refuse_unless_fit(left.front(), {}));
}

TEST_CASE_METHOD(TriggerFolderFixture, "names that are hidden or half-written are none") {
  for (const char* name : {".push", "push.tmp", "push.part", "push"}) {
    put(name);
  }
  CHECK(names() == std::vector<std::string>{"push"});
}

TEST_CASE_METHOD(TriggerFolderFixture, "links, folders and pipes are refused and kept") {
  put("secret", "of root");
  fs::create_symlink(path() / "secret", path() / "link");
  CHECK_THAT(refusal_of("link"), ContainsSubstring("it is a link; it is kept as '" + (path() / ".refused").string()));
  CHECK(read_file(path() / "secret") == "of root");
  fs::create_directories(path() / "folder/below");
  CHECK_THAT(refusal_of("folder"), ContainsSubstring("it is a folder"));
  REQUIRE(::mkfifo((path() / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(refusal_of("pipe"), ContainsSubstring("it is no regular file"));
  fs::create_hard_link(path() / "secret", path() / "hard");
  CHECK_THAT(refusal_of("hard"), ContainsSubstring("hard link"));
  CHECK(refused() == 4);
  CHECK(claimed() == 0);
}

TEST_CASE_METHOD(TriggerFolderFixture, "one that is too large is refused and kept") {
  put("large", std::string(static_cast<std::size_t>(TriggerFolder::k_largest) + 1, 'x'));
  CHECK_THAT(refusal_of("large"), ContainsSubstring("more than 1.0 MiB"));
  put("just", std::string(static_cast<std::size_t>(TriggerFolder::k_largest), 'x'));
  CHECK(refusal_of("just").empty());
}

TEST_CASE_METHOD(TriggerFolderFixture, "one that somebody else put there is refused unless the settings name them") {
  if (::geteuid() != 0) {
    SKIP_TEST("takes root, to give a file away");
  }
  constexpr uid_t k_stranger = 12345;
  put("push");
  REQUIRE(::chown((path() / "push").c_str(), k_stranger, k_stranger) == 0);
  CHECK_THAT(refusal_of("push"), ContainsSubstring("belongs to uid 12345"));
  put("push");
  REQUIRE(::chown((path() / "push").c_str(), k_stranger, k_stranger) == 0);
  CHECK(refusal_of("push", k_stranger).empty());
  put("push");
  REQUIRE(::chown((path() / "push").c_str(), k_stranger, k_stranger) == 0);
  REQUIRE(::chown(path().c_str(), k_stranger, k_stranger) == 0); // it is theirs
  CHECK(refusal_of("push").empty());
}

TEST_CASE_METHOD(TriggerFolderFixture, "a folder that others may change is refused unless it has a sticky bit") {
  REQUIRE(::chmod(path().c_str(), 0775) == 0);
  CHECK_THROWS_WITH(TriggerFolder(path()), ContainsSubstring("can be changed by a group") &&
                                               ContainsSubstring("chmod g-w") && ContainsSubstring("chmod +t"));
  REQUIRE(::chmod(path().c_str(), 0777) == 0);
  CHECK_THROWS_WITH(require_trigger_folder(path()), ContainsSubstring("can be changed by everybody"));
  REQUIRE(::chmod(path().c_str(), 01777) == 0);
  CHECK_NOTHROW(TriggerFolder(path()));
  CHECK_THROWS_WITH(require_trigger_folder(path() / "none"), ContainsSubstring("cannot open the folder"));
  put("file");
  CHECK_THROWS_AS(require_trigger_folder(path() / "file"), Error);
}

TEST_CASE_METHOD(TriggerFolderFixture, "a place of ours that somebody else made leads nowhere") {
  fs::create_directories(m_temp.path() / "elsewhere");
  fs::create_symlink(m_temp.path() / "elsewhere", path() / ".claimed");
  CHECK_THROWS_AS(TriggerFolder(path()), Error);
  fs::remove(path() / ".claimed");
  fs::create_directories(path() / ".claimed");
  REQUIRE(::chmod((path() / ".claimed").c_str(), 0777) == 0);
  CHECK_THROWS_WITH(TriggerFolder(path()), ContainsSubstring("is not ours alone"));
}

TEST_CASE_METHOD(TriggerFolderFixture, "a folder that was removed is told") {
  const TriggerFolder folder(path());
  fs::remove_all(path());
  CHECK_THROWS_WITH(folder.names(), ContainsSubstring("it was removed"));
}

TEST_CASE_METHOD(TriggerFolderFixture, "what is dropped appears whole, and once") {
  const TriggerDrop drop(path());
  drop.put("push-shop-main", "refs/heads/main");
  drop.put("push-shop-main", "refs/heads/main again");
  CHECK(files::names_in(path()) == std::vector<std::string>{"push-shop-main"});
  CHECK(read_file(path() / "push-shop-main") == "refs/heads/main again\n");
  CHECK_THROWS_AS(TriggerDrop(path() / "none"), Error);
}

TEST_CASE_METHOD(TriggerFolderFixture, "half-written files of killed predecessors go after an hour") {
  put(".push.0123.tmp");
  put(".new.4567.tmp");
  const timespec long_ago[2] = {{1000, 0}, {1000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, (path() / ".push.0123.tmp").c_str(), long_ago, 0) == 0);
  const TriggerDrop drop(path());
  CHECK(files::names_in(path()) == std::vector<std::string>{".new.4567.tmp"});
}
