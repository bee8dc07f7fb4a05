#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "target/command/release_folders.hpp"

using namespace teal;

namespace {

namespace fs = std::filesystem;

class FoldersFixture {
protected:
  /// Of the commit that is checked out.
  void put(const fs::path& file, const std::string& text) const {
    fs::create_directories((m_folders.tree() / file).parent_path());
    write_file(m_folders.tree() / file, text);
  }
  /// A release with a file of that text, and links to what is shared.
  void make(const std::string& id, const std::vector<std::string>& shared = {}) const {
    put("file", id);
    m_folders.make(id, shared);
  }
  [[nodiscard]] std::string read(const fs::path& file) const { return read_file(m_root / file); }

  TempFolder m_folder;
  fs::path m_root = m_folder.path() / "site";
  ReleaseFolders m_folders{m_root};
};

} // namespace

TEST_CASE_METHOD(FoldersFixture, "current leads to one release after the other and nowhere at first") {
  CHECK(m_folders.current().empty());
  make("1");
  make("2");
  m_folders.switch_to("1");
  CHECK(read("current/file") == "1");
  m_folders.switch_to("2");
  CHECK(read("current/file") == "2");
  CHECK(m_folders.current() == "2");
  CHECK(fs::read_symlink(m_folders.current_link()) == "releases/2");
}

TEST_CASE_METHOD(FoldersFixture, "where current led before is noted until it is forgotten") {
  make("1");
  make("2");
  CHECK_FALSE(m_folders.previous());
  m_folders.note_previous();
  CHECK(m_folders.previous() == "");
  m_folders.switch_to("1");
  m_folders.switch_back();
  CHECK(m_folders.current().empty());
  m_folders.switch_to("1");
  m_folders.note_previous();
  m_folders.switch_to("2");
  CHECK(m_folders.previous() == "1");
  m_folders.switch_back();
  CHECK(m_folders.current() == "1");
  m_folders.forget_previous();
  CHECK_FALSE(m_folders.previous());
}

TEST_CASE_METHOD(FoldersFixture, "what releases share comes from the first of them and outlasts it") {
  put("var/log/web.log", "started");
  make("1", {"var/log", "storage/"});
  CHECK(read("releases/1/var/log/web.log") == "started");
  CHECK(fs::is_symlink(m_root / "releases/1/var/log"));
  make("2", {"var/log", "storage/"});
  write_file(m_root / "releases/2/storage/photo", "of ada");
  m_folders.switch_to("2");
  m_folders.keep_only({});
  CHECK_FALSE(fs::exists(m_root / "releases/1"));
  CHECK(read("current/var/log/web.log") == "started");
  CHECK(read("shared/storage/photo") == "of ada");
}

TEST_CASE_METHOD(FoldersFixture, "a shared file that nobody has is asked for in words") {
  CHECK_THROWS_WITH(make("1", {".env"}), ContainsSubstring("'.env' (shared) is neither in the commit nor in '"));
  CHECK_THROWS_WITH(make("2", {"./"}), ContainsSubstring("is all of the commit"));
  CHECK(fs::is_empty(m_root / "releases")); // neither takes room in vain
  fs::create_directories(m_folders.shared());
  write_file(m_folders.shared() / ".env", "A=1");
  make("3", {".env"});
  CHECK(read("releases/3/.env") == "A=1");
}

TEST_CASE_METHOD(FoldersFixture, "no link that a commit has leads what is shared out of the release") {
  const fs::path outside = m_folder.path() / "outside";
  fs::create_directories(outside);
  fs::create_directories(m_folders.tree());
  fs::create_symlink(outside, m_folders.tree() / "var");
  make("1", {"var/log/"});
  CHECK(fs::is_empty(outside));
  CHECK(fs::is_directory(m_root / "releases/1/var/log"));
}

TEST_CASE_METHOD(FoldersFixture, "a release is a copy of the tree with its permissions and links") {
  fs::create_directories(m_folders.tree() / "bin");
  write_file(m_folders.tree() / "bin/run", "v1");
  fs::permissions(m_folders.tree() / "bin/run", fs::perms(0755));
  fs::create_symlink("bin/run", m_folders.tree() / "start");
  fs::create_symlink("nowhere", m_folders.tree() / "dangling");
  m_folders.make("1", {});
  CHECK(fs::status(m_root / "releases/1/bin/run").permissions() == fs::perms(0755));
  CHECK(fs::read_symlink(m_root / "releases/1/start") == "bin/run");
  CHECK(fs::read_symlink(m_root / "releases/1/dangling") == "nowhere");
  write_file(m_root / "releases/1/bin/run", "changed");
  CHECK(read("tree/bin/run") == "v1");
}

TEST_CASE_METHOD(FoldersFixture, "a draft that was left half done is begun anew, and is no release") {
  fs::create_directories(m_root / "releases/1.draft/old");
  make("1");
  CHECK_FALSE(fs::exists(m_root / "releases/1/old"));
  fs::create_directories(m_root / "releases/2.draft");
  m_folders.keep_only({"1"});
  CHECK_FALSE(fs::exists(m_root / "releases/2.draft"));
  CHECK(fs::exists(m_root / "releases/1"));
}

TEST_CASE_METHOD(FoldersFixture, "what current and previous lead to is kept whatever else goes") {
  for (const char* id : {"1", "2", "3", "4"}) {
    make(id);
  }
  m_folders.switch_to("1");
  m_folders.note_previous();
  m_folders.switch_to("2");
  m_folders.keep_only({"3"});
  CHECK(files::names_in(m_root / "releases").size() == 3);
  CHECK_FALSE(fs::exists(m_root / "releases/4"));
}
