#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>

using namespace teal;

namespace {

namespace fs = std::filesystem;

template <class Work>
std::string refusal_of(Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::environment);
    return error.message();
  }
  return "";
}

} // namespace

TEST_CASE("folders and links are made and found and renamed and removed") {
  const TempFolder temporary;
  const fs::path folder = temporary.path() / "a" / "b";
  files::create_directories(folder);
  files::create_directories(folder);
  CHECK(files::exists(folder));
  write_file(folder / "file", "12345");
  CHECK(files::file_size(folder / "file") == 5);
  files::create_symlink("file", folder / "link");
  CHECK(files::read_symlink(folder / "link") == "file");
  write_file(folder / "other", "6");
  files::rename(folder / "other", folder / "file");
  CHECK(files::file_size(folder / "file") == 1);
  CHECK(files::names_in(folder).size() == 2);
  files::set_permissions(folder / "file", fs::perms::owner_read);
  CHECK(fs::status(folder / "file").permissions() == fs::perms::owner_read);
  CHECK(files::remove(folder / "link"));
  CHECK(files::names_in(folder) == std::vector<std::string>{"file"});
  files::remove_all(temporary.path() / "a");
  CHECK_FALSE(files::exists(temporary.path() / "a"));
}

TEST_CASE("what a name is and what it leads to are two questions") {
  const TempFolder temporary;
  const fs::path folder = fs::canonical(temporary.path());
  write_file(folder / "file", "1");
  files::create_symlink("file", folder / "link");
  files::create_symlink("none", folder / "broken");
  CHECK(files::is_file(folder / "link"));
  CHECK(files::is_link(folder / "link"));
  CHECK_FALSE(files::is_link(folder / "file"));
  CHECK_FALSE(files::is_folder(folder / "file"));
  CHECK(files::is_folder(folder));
  CHECK(files::is_there(folder / "broken"));
  CHECK_FALSE(files::exists(folder / "broken"));
  CHECK_FALSE(files::is_file(folder / "broken"));
  CHECK(files::canonical(folder / "link") == folder / "file");
}

TEST_CASE("all below a folder is seen once and links in it are not followed") {
  const TempFolder temporary;
  const fs::path folder = temporary.path();
  files::create_directories(folder / "a" / "b");
  write_file(folder / "a" / "b" / "file", "");
  files::create_symlink("..", folder / "a" / "up");
  std::vector<std::string> found;
  files::for_each_below(folder, [&](const fs::directory_entry& entry) {
    found.push_back(entry.path().lexically_relative(folder).string());
  });
  std::sort(found.begin(), found.end());
  CHECK(found == std::vector<std::string>{"a", "a/b", "a/b/file", "a/up"});
}

TEST_CASE("a copy takes the place of what is there") {
  const TempFolder temporary;
  write_file(temporary.path() / "from", "new");
  write_file(temporary.path() / "to", "older");
  files::copy(temporary.path() / "from", temporary.path() / "to");
  CHECK(read_file(temporary.path() / "to") == "new");
}

TEST_CASE("what is missing is no failure where nothing is to be there") {
  const TempFolder temporary;
  const fs::path missing = temporary.path() / "none";
  CHECK_FALSE(files::exists(missing));
  CHECK_FALSE(files::is_there(missing));
  CHECK_FALSE(files::is_folder(missing));
  CHECK(files::names_in(missing).empty());
  CHECK(files::read_symlink(missing).empty());
  CHECK_FALSE(files::remove(missing));
  CHECK_NOTHROW(files::remove_all(missing));
}

TEST_CASE("what cannot be done with a file is told by its name and the system's reason") {
  const TempFolder temporary;
  const fs::path file = temporary.path() / "file";
  const fs::path missing = temporary.path() / "none";
  write_file(file, "");
  CHECK_THAT(refusal_of([&] { files::create_directories(file / "x"); }),
             ContainsSubstring("cannot make the folder '" + (file / "x").string()) && ContainsSubstring(": not a dir"));
  CHECK_THAT(refusal_of([&] { files::create_symlink("x", file); }), ContainsSubstring("file exists"));
  CHECK_THAT(refusal_of([&] { static_cast<void>(files::file_size(missing)); }), ContainsSubstring("no such file"));
  CHECK_THAT(refusal_of([&] { files::rename(missing, file); }), ContainsSubstring("no such file"));
  CHECK_THAT(refusal_of([&] { files::set_permissions(missing, fs::perms::owner_all); }),
             ContainsSubstring("no such file"));
  CHECK_THAT(refusal_of([&] { static_cast<void>(files::read_symlink(file)); }), ContainsSubstring("invalid argument"));
  CHECK_THAT(refusal_of([&] { files::remove(temporary.path()); }), ContainsSubstring("directory not empty"));
  CHECK_THAT(refusal_of([&] { static_cast<void>(files::canonical(missing)); }), ContainsSubstring("no such file"));
  CHECK_THAT(refusal_of([&] { static_cast<void>(files::available_space(missing)); }),
             ContainsSubstring("no such file"));
  CHECK_THAT(refusal_of([&] { static_cast<void>(files::permissions_of(missing)); }), ContainsSubstring("no such file"));
  CHECK_THAT(refusal_of([&] { files::copy(missing, file); }), ContainsSubstring("no such file"));
  CHECK_THAT(refusal_of([&] { files::for_each_below(missing, [](const auto&) {}); }),
             ContainsSubstring("no such file"));
}

TEST_CASE("a folder that leads in a circle can neither be looked for nor removed in") {
  const TempFolder temporary;
  const fs::path circle = temporary.path() / "circle";
  files::create_symlink("circle", circle);
  CHECK_THAT(refusal_of([&] { static_cast<void>(files::exists(circle)); }), ContainsSubstring("too many"));
  CHECK_THAT(refusal_of([&] { static_cast<void>(files::names_in(circle)); }), ContainsSubstring("too many"));
  CHECK_THAT(refusal_of([&] { files::remove_all(circle / "x"); }), ContainsSubstring("too many"));
}
