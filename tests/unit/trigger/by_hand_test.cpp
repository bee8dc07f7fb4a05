#include "core/error.hpp"
#include "store/queue.hpp"
#include "support/catch.hpp"
#include "trigger/by_hand.hpp"
#include "unit/git/git_fixture.hpp"
#include "unit/store/store_fixture.hpp"

using namespace teal;

namespace {

const std::vector<std::string> k_branches{"main", "release/1"};

/// An app whose repositories are clones, each made when it is wanted.
class ByHandFixture : public StoreFixture {
protected:
  std::filesystem::path give(const std::filesystem::path& repository) const {
    std::filesystem::create_directories(repository.parent_path());
    m_source.git({"clone", "-q", "--bare", m_source.source().string(), repository.string()});
    return repository;
  }
  [[nodiscard]] Request ask(std::optional<Destination> destination, const std::string& revision = "") const {
    return request_by_hand(m_home, m_history, {"shop", std::move(destination), revision}, k_branches, m_clock.time);
  }

  git::GitFixture m_source;
  std::string m_commit = m_source.commit("Fix login");
  Home m_home{m_folder.path()};
  AppFolder m_app = m_home.app("shop");
};

} // namespace

TEST_CASE_METHOD(ByHandFixture, "what was asked for last is asked for again wherever it was to go") {
  Event event = event_of("shop");
  event.repository = "/srv/git/elsewhere.git";
  m_queue.enqueue(event, Destination::live());
  const Request again = ask(std::nullopt);
  CHECK(again.destination == Destination::live());
  CHECK(again.event.new_commit == event.new_commit);
  CHECK(again.event.repository == event.repository);
  CHECK(again.event.trigger == Trigger::cli);
  CHECK(again.event.at == m_clock.time);
  CHECK(again.release == 0);
  CHECK(ask(Color::blue).destination == Color::blue);
}

TEST_CASE_METHOD(ByHandFixture, "before anything was asked for it is the first branch that any repository has") {
  give(m_app.live_repository());
  const Request request = ask(std::nullopt);
  CHECK(request.event.ref == "main");
  CHECK(request.event.new_commit == m_commit);
  CHECK(request.destination == Destination::idle());
}

TEST_CASE_METHOD(ByHandFixture, "a revision is found in any repository that anything came from") {
  Event event = event_of("shop");
  event.repository = give(m_folder.path() / "own.git").string();
  m_queue.enqueue(event, Destination::live());
  m_source.git({"tag", "v2"});
  const auto green = give(m_app.repository(Color::green));
  CHECK(ask(std::nullopt, m_commit.substr(0, 12)).event.repository == event.repository);
  CHECK(ask(std::nullopt, "v2").event.repository == green.string());
  CHECK(ask(std::nullopt, "v2").destination == Destination::idle());
  CHECK(ask(Color::green, "main").event.repository == green.string());
}

TEST_CASE_METHOD(ByHandFixture, "a revision that no repository has is refused by naming them") {
  give(m_app.repository(Color::blue));
  CHECK_THROWS_WITH(ask(std::nullopt, "no\x1bsuch"), ContainsSubstring("blue.git' has no commit 'no?such'"));
  m_source.git({"branch", "-m", "other"});
  std::filesystem::remove_all(m_app.repository(Color::blue));
  give(m_app.repository(Color::blue));
  CHECK_THROWS_WITH(ask(std::nullopt), ContainsSubstring("has no commit 'main' or 'release/1'; push to it first"));
}

TEST_CASE_METHOD(ByHandFixture, "in one repository it is the first branch that is there or the revision given") {
  m_source.git({"tag", "-a", "v1", "-m", "one"});
  const auto repository = git::Repository::open(m_source.source());
  CHECK(event_by_hand(repository, "shop", "", k_branches, m_clock.time).ref == "main");
  CHECK(event_by_hand(repository, "shop", "v1", k_branches, m_clock.time).new_commit == m_commit);
  CHECK_THROWS_AS(event_by_hand(repository, "shop", "v2", k_branches, m_clock.time), Error);
}

TEST_CASE_METHOD(ByHandFixture, "an image is asked for by its reference, and needs no repository") {
  const HandOrder order{.app = "shop", .destination = {}, .revision = {}, .image = "localhost:5000/ci/shop:1.2"};
  const Request request = request_by_hand(m_home, m_history, order, k_branches, m_clock.time);
  CHECK(request.event.artifact == "localhost:5000/ci/shop:1.2");
  CHECK(request.event.ref == "localhost:5000/ci/shop:1.2");
  CHECK(request.event.subject == "localhost:5000/ci/shop:1.2");
  CHECK(request.event.new_commit.empty());
  CHECK(request.event.repository.empty());
  CHECK(request.destination == Destination::idle());
  m_queue.enqueue(request.event, Color::green);
  const Request again = ask(std::nullopt);
  CHECK(again.event.artifact == request.event.artifact);
  CHECK(again.destination == Color::green);
  CHECK_THROWS_WITH(request_by_hand(m_home, m_history,
                                    {.app = "shop", .destination = {}, .revision = {}, .image = "--x"}, k_branches,
                                    m_clock.time),
                    ContainsSubstring("'--x' is no image"));
}
