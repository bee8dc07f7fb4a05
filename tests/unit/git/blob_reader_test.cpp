#include "git/blob_reader.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

using namespace teal::git;

namespace {

void write_texts(const GitFixture& fixture) {
  fixture.write("unix.txt", "one\ntwo\n");
  fixture.write("windows.bat", "one\ntwo\n");
  fixture.write("mixed.txt", "one\r\ntwo\n");
  fixture.write("image.png", std::string("\0\n\r\n", 4));
  fixture.write("sub/unix.txt", "one\ntwo\n");
  fixture.write("sub/deep/unix.txt", "one\ntwo\n");
}

} // namespace

TEST_CASE("line endings follow the commit's attributes as they do with git") {
  const GitFixture fixture;
  write_texts(fixture);
  const auto attributes = GENERATE(as<std::string>(), "* text=auto eol=crlf\n", "*.bat text eol=crlf\n",
                                   "* text=auto\n", "*.txt eol=crlf\nmixed.txt -text\n", "* binary\n", "*.txt crlf\n",
                                   "[attr]dos text eol=crlf\n*.bat dos\n/sub/** dos\n", "*.txt ident\n");
  CAPTURE(attributes);
  fixture.write(".gitattributes", attributes);
  const auto commit = fixture.commit();

  fixture.checkout(commit);
  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
  CHECK(fixture.checkout(commit).written == 0);
}

TEST_CASE("attributes of an inner folder outrank those above it") {
  const GitFixture fixture;
  write_texts(fixture);
  fixture.write(".gitattributes", "*.txt text eol=lf\n");
  fixture.write("sub/.gitattributes", "*.txt eol=crlf\n");
  fixture.write("sub/deep/.gitattributes", "unix.txt -text\n");
  const auto commit = fixture.commit();

  fixture.checkout(commit);

  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
  CHECK(content_of(fixture.work_tree() / "sub" / "unix.txt") == "one\r\ntwo\r\n");
}

TEST_CASE("a file whose attributes change is written again, though its blob is the same") {
  const GitFixture fixture;
  write_texts(fixture);
  const auto plain = fixture.commit();
  fixture.write("sub/.gitattributes", "*.txt text eol=crlf\n");
  const auto windows = fixture.commit();

  fixture.checkout(plain);
  CHECK(fixture.checkout(windows).written == 3); // two texts and the attributes
  CHECK(fixture.checked_out() == fixture.as_git_does(windows));
  CHECK(fixture.checkout(plain).written == 2);
  CHECK(fixture.checked_out() == fixture.as_git_does(plain));
}

TEST_CASE("ident is expanded as git does it") {
  const GitFixture fixture;
  fixture.write(".gitattributes", "*.c ident\n");
  fixture.write("main.c", "/* $Id$ */\n");
  const auto commit = fixture.commit();
  fixture.checkout(commit);
  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
  CHECK(content_of(fixture.work_tree() / "main.c") != "/* $Id$ */\n");
}

TEST_CASE("a filter that the repository's configuration names is not run") {
  const GitFixture fixture;
  fixture.write(".gitattributes", "*.x filter=evil\n");
  fixture.write("file.x", "as committed\n");
  const auto commit = fixture.commit();
  const auto marker = fixture.folder() / "marker";
  fixture.git({"config", "filter.evil.smudge", "touch '" + marker.string() + "'; echo changed"});

  fixture.checkout(commit);

  CHECK(content_of(fixture.work_tree() / "file.x") == "as committed\n");
  CHECK_FALSE(std::filesystem::exists(marker));
}

TEST_CASE("line endings do not follow what the repository alone is set to") {
  const GitFixture fixture;
  write_texts(fixture);
  fixture.write(".gitattributes", "*.bat text eol=crlf\n");
  const auto commit = fixture.commit();
  const auto expected = fixture.as_git_does(commit);
  fixture.git({"config", "core.autocrlf", "true"});
  write_text(fixture.source() / ".git" / "info" / "attributes", "*.txt eol=crlf\n");

  fixture.checkout(commit);

  CHECK(fixture.checked_out() == expected);
}
