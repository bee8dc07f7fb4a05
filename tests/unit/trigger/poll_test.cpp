#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "trigger/poll.hpp"
#include "unit/git/git_fixture.hpp"
#include "unit/store/store_fixture.hpp"

using namespace teal;

namespace {

using Refs = std::vector<git::RemoteRef>;

const TimePoint k_then{Milliseconds(1000)};
const TimePoint k_now{Milliseconds(2000)};
const TimePoint k_never;

PolledRef known(const std::string& ref, const std::string& commit, TimePoint asked = k_then) {
  return {.ref = ref, .commit = commit, .since = k_then, .asked = asked};
}

std::vector<std::string> names_of(const std::vector<PolledRef>& refs) {
  std::vector<std::string> names;
  for (const PolledRef& one : refs) {
    names.push_back(one.ref);
  }
  return names;
}

/// A home whose source "mirror" is a repository beside it.
class PollFixture : public git::GitFixture {
protected:
  PollFixture() {
    files::create_directories(m_home.app("shop").root);
    write_file(m_home.app("shop").settings(), "");
    write("file", "1");
    m_first = commit();
  }
  PollResult look() {
    m_clock.time += std::chrono::seconds(1);
    return poll(m_store, {m_home, environment()}, "shop", m_source, m_clock.time);
  }
  /// "refs/heads/main COMMIT" of each delivery that a look leads to.
  std::vector<std::string> news() {
    std::vector<std::string> all;
    for (const StoredDelivery& one : look().deliveries) {
      all.push_back(one.refs.at(0).ref + " " + one.refs.at(0).commit);
    }
    return all;
  }
  void settle(std::int64_t id, DeliveryStatus status) {
    m_store.deliveries.settle({{.id = id, .status = status, .outcome = "", .next_try = {}}});
  }
  /// As if app.yml had been written then.
  void touch_settings(TimePoint at) const {
    std::filesystem::last_write_time(m_home.app("shop").settings(),
                                     std::chrono::file_clock::from_sys(std::chrono::time_point_cast<Milliseconds>(at)));
  }

  Home m_home{folder() / "home"};
  SetClock m_clock;
  struct Folders {
    explicit Folders(const Home& home) { files::create_directories(home.root); }
  } m_folders{m_home};
  Store m_store{m_home.store(), m_clock};
  SourceSettings m_source{
      .name = "mirror", .kind = SourceSettings::Kind::poll, .url = source().string(), .branch = "main"};
  std::string m_first;
};

} // namespace

TEST_CASE("a ref that is new or has moved is asked for and one that has not is not") {
  const Refs there{{"refs/tags/v1", "a"}, {"refs/tags/v2", "c"}, {"refs/tags/v3", "d"}};
  const PollVerdict verdict =
      compare_refs(there, {known("refs/tags/v1", "a"), known("refs/tags/v2", "b")}, k_never, k_now);
  CHECK(names_of(verdict.asked) == std::vector<std::string>{"refs/tags/v2", "refs/tags/v3"});
  CHECK(verdict.asked[0].since == k_now);
  CHECK(verdict.seen.at(0) == known("refs/tags/v1", "a"));
  CHECK(verdict.seen.at(1) == verdict.asked[0]);
  CHECK(verdict.gone.empty());
  CHECK(verdict.passed_over == 0);
}

TEST_CASE("at the first look only the highest of many versions is asked for") {
  const Refs there{{"refs/tags/v1.10", "a"}, {"refs/tags/v1.2", "b"}, {"refs/tags/v1.9", "c"}};
  const PollVerdict first = compare_refs(there, {}, k_never, k_now);
  CHECK(names_of(first.asked) == std::vector<std::string>{"refs/tags/v1.10"});
  CHECK(first.passed_over == 2);
  CHECK(first.seen.size() == 3);
  CHECK(first.seen[1].asked == k_never);
  CHECK(compare_refs(there, first.seen, k_never, k_now).asked.empty());
  CHECK(compare_refs(there, first.seen, k_now + Milliseconds(1), k_now).asked ==
        first.asked); // what was passed over stays
}

TEST_CASE("of very many new ones at once the highest versions are asked for in their order") {
  Refs there;
  for (int i = 100; i < 150; ++i) {
    there.push_back({"refs/tags/v" + std::to_string(i), "a"});
  }
  const PollVerdict verdict = compare_refs(there, {known("refs/tags/v1", "a")}, k_never, k_now);
  CHECK(verdict.asked.size() == 20);
  CHECK(verdict.asked.front().ref == "refs/tags/v130");
  CHECK(verdict.asked.back().ref == "refs/tags/v149");
  CHECK(verdict.passed_over == 30);
  CHECK(verdict.gone == std::vector<std::string>{"refs/tags/v1"});
}

TEST_CASE("what was asked for before the settings changed is offered once more and only once") {
  const Refs there{{"refs/heads/main", "a"}};
  const std::vector<PolledRef> before{known("refs/heads/main", "a")};
  CHECK(compare_refs(there, before, k_then, k_now).asked.empty());
  const PollVerdict again = compare_refs(there, before, k_then + Milliseconds(1), k_now);
  REQUIRE(again.asked.size() == 1);
  CHECK(again.asked[0].since == k_then); // the same change as before
  CHECK(compare_refs(there, again.seen, k_then + Milliseconds(1), k_now).asked.empty());
}

TEST_CASE_METHOD(PollFixture, "a branch becomes a delivery whenever it moves, wherever it moves to") {
  CHECK(news() == std::vector{"refs/heads/main " + m_first});
  CHECK(news().empty());
  write("file", "2");
  const std::string second = commit();
  CHECK(news() == std::vector{"refs/heads/main " + second});
  git({"reset", "--quiet", "--hard", m_first});
  CHECK(news() == std::vector{"refs/heads/main " + m_first});
  git({"reset", "--quiet", "--hard", second});
  CHECK(news() == std::vector{"refs/heads/main " + second}); // another change than the one of before
  CHECK(m_store.deliveries.count_waiting() == 4);
}

TEST_CASE_METHOD(PollFixture, "other branches are no news, and one that was deleted is told once") {
  static_cast<void>(look());
  git({"branch", "other"});
  git({"branch", "wip/refs/heads/main"});
  CHECK(news().empty());
  git({"checkout", "--quiet", "other"});
  git({"branch", "-D", "main"});
  const PollResult gone = look();
  CHECK(gone.gone == std::vector<std::string>{"refs/heads/main"});
  CHECK(gone.there == 0);
  CHECK(gone.deliveries.empty());
  CHECK(look().gone.empty());
  git({"branch", "main"});
  CHECK(news() == std::vector{"refs/heads/main " + m_first});
}

TEST_CASE_METHOD(PollFixture, "tags that match are looked for, and lead to their commits") {
  m_source.branch = "";
  m_source.tag = "v*";
  git({"tag", "v1"});
  git({"tag", "other"});
  CHECK(news() == std::vector{"refs/tags/v1 " + m_first});
  git({"tag", "-a", "v2", "-m", "a tag"});
  CHECK(news() == std::vector{"refs/tags/v2 " + m_first});
  write("file", "2");
  const std::string second = commit();
  git({"tag", "-f", "v1"});
  CHECK(news() == std::vector{"refs/tags/v1 " + second});
  CHECK(look().there == 2);
}

TEST_CASE_METHOD(PollFixture, "what was refused is offered again when the settings have changed and else never") {
  const std::int64_t id = look().deliveries.at(0).id;
  settle(id, DeliveryStatus::refused);
  touch_settings(m_clock.time - std::chrono::hours(1));
  CHECK(news().empty());
  m_clock.time += std::chrono::hours(1);
  touch_settings(m_clock.time);
  const auto again = look().deliveries;
  REQUIRE(again.size() == 1);
  CHECK(again[0].id == id);
  settle(id, DeliveryStatus::done);
  m_clock.time += std::chrono::hours(1);
  touch_settings(m_clock.time);
  CHECK(news().empty());
}

TEST_CASE_METHOD(PollFixture, "a look that was killed before it noted what it saw asks for nothing twice") {
  const std::int64_t id = look().deliveries.at(0).id;
  const TimePoint then = m_clock.time - std::chrono::seconds(1);
  m_store.polled_refs.replace("shop", "mirror", {});
  m_clock.time = then;
  CHECK(news().empty());
  CHECK(m_store.deliveries.count_waiting() == 1);
  settle(id, DeliveryStatus::done);
  CHECK(news().empty());
}

TEST_CASE_METHOD(PollFixture, "a source that cannot be read is an error and what was seen stays") {
  static_cast<void>(look());
  const std::string hidden = source().string() + ".hidden";
  std::filesystem::rename(source(), hidden);
  CHECK_THROWS_WITH(look(), ContainsSubstring("cannot ask '" + source().string()));
  std::filesystem::rename(hidden, source());
  CHECK(news().empty());
}

TEST_CASE_METHOD(PollFixture, "a repository without anything has no branch yet") {
  std::filesystem::remove_all(source() / ".git");
  git({"init", "--quiet", "--initial-branch=main"});
  const PollResult nothing = look();
  CHECK(nothing.there == 0);
  CHECK(nothing.gone.empty());
}
