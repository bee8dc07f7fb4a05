// Random operations on the store beside a simple model of it, failures of all kinds among them. RapidCheck prints the
// seed and the shortest sequence that fails; RC_PARAMS="seed=N max_success=10000" tries that one, or more.
#include "core/error.hpp"
#include "failing_files.hpp"
#include "store_fixture.hpp"
#include "store_model.hpp"
#include "support/catch.hpp"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <rapidcheck.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>

namespace teal {

namespace {

enum class Act {
  enqueue,
  begin,
  finish,
  begin_step,
  end_step,
  add_release,
  publish_release,
  keep_settings,
  begin_again,
  forget_release,
  forget_app,
  move,
  freeze,
  unfreeze,
  pause,
  resume,
  pass_time,
  reopen,
};
constexpr int k_acts = 18;

/// How the database fails while something is done.
enum class Fault { none, write, full, locked, killed };

/// What its numbers stand for depends on what is there when it comes, so that each sequence of operations makes sense.
struct Operation {
  Act act = Act::enqueue;
  Fault fault = Fault::none;
  int moment = 0; ///< of the fault: so many of SQLite's writes, or of its instructions, go well
  int app = 0;
  int color = 0;
  int which = 0; ///< deployment or release
  int detail = 0;
};

void showValue(const Operation& operation, std::ostream& stream) {
  stream << fmt::format("{{Act({}), Fault({}), .moment = {}, .app = {}, .color = {}, .which = {}, .detail = {}}}",
                        static_cast<int>(operation.act), static_cast<int>(operation.fault), operation.moment,
                        operation.app, operation.color, operation.which, operation.detail);
}

/// An operation as the store and its model are told it.
struct Deed {
  std::string text;
  std::function<void(Store&)> in_store;
  std::function<void(StoreModel&)> in_model;
  bool is_allowed = true; ///< else it is an Error(internal), and changes nothing
};

template <class Item>
std::optional<std::int64_t> nth(const std::map<std::int64_t, Item>& items, int which) {
  if (items.empty()) {
    return std::nullopt;
  }
  auto found = items.rbegin();
  std::advance(found, which % static_cast<int>(items.size()));
  return found->first;
}

class Deeds {
public:
  Deeds(const StoreModel& model, SetClock& clock) : m_model(model), m_clock(clock) {}

  /// Nothing if there is nothing that it could be done to.
  std::optional<Deed> of(const Operation& operation) {
    switch (operation.act) {
    case Act::enqueue:
    case Act::forget_app:
    case Act::move:
    case Act::freeze:
    case Act::unfreeze:
    case Act::pause:
    case Act::resume:
      return of_app(operation, StoreModel::apps().at(static_cast<std::size_t>(operation.app)));
    case Act::forget_release:
    case Act::publish_release:
    case Act::keep_settings:
      if (const auto release = nth(m_model.releases(), operation.which)) {
        return of_release(operation, *release);
      }
      return std::nullopt;
    case Act::pass_time:
      m_clock.time += Milliseconds(operation.detail % 2 == 0 ? 1000 : -3'600'000) * (operation.which + 1);
      return std::nullopt;
    case Act::reopen:
      return std::nullopt;
    default:
      if (const auto deployment = nth(m_model.deployments(), operation.which)) {
        return of_deployment(operation, *deployment);
      }
      return std::nullopt;
    }
  }

private:
  Deed of_app(const Operation& operation, const std::string& app) const {
    const TimePoint now = m_clock.time;
    const Color color = operation.color == 0 ? Color::blue : Color::green;
    const Freeze freeze{.app = app, .who = "ann", .why = std::to_string(operation.detail), .at = {}};
    const Live live{.app = app, .color = color, .release = operation.which, .commit = "c", .who = "ann", .at = {}};
    switch (operation.act) {
    case Act::forget_app:
      return {"forget " + app, [=](Store& store) { store.history.forget_app(app); },
              [=](StoreModel& model) { model.forget_app(app); }};
    case Act::move:
      return {fmt::format("move {} to {}", app, to_string(color)), [=](Store& store) { store.traffic.move(live); },
              [=](StoreModel& model) { model.move(live, now); }};
    case Act::freeze:
      return {"freeze " + app, [=](Store& store) { store.traffic.set_freeze(freeze); },
              [=](StoreModel& model) { model.set_freeze(freeze, now); }};
    case Act::unfreeze:
      return {"unfreeze " + app, [=](Store& store) { store.traffic.remove_freeze(app, "ada"); },
              [=](StoreModel& model) { model.remove_freeze(app); }};
    case Act::pause: {
      const Pause pause{.app = app, .who = freeze.why, .at = {}};
      return {"pause " + app, [=](Store& store) { store.queue.pause(pause); },
              [=](StoreModel& model) { model.pause(pause, now); }};
    }
    case Act::resume:
      return {"resume " + app, [=](Store& store) { store.queue.resume(app, "ada"); },
              [=](StoreModel& model) { model.resume(app); }};
    default:
      return enqueue(operation, app, color);
    }
  }

  Deed enqueue(const Operation& operation, const std::string& app, Color color) const {
    const std::array wishes{Destination(color), Destination::idle(), Destination::live()};
    const Destination destination = wishes.at(static_cast<std::size_t>(operation.detail) % wishes.size());
    std::int64_t kept = 0;
    const auto release = nth(m_model.releases(), operation.which);
    if (operation.detail % 5 == 4 && release && m_model.releases().at(*release).app == app) {
      kept = *release;
    }
    const Event event = event_of(app, std::to_string(operation.detail));
    return {fmt::format("enqueue {} {} release:{}", app, destination.text(), kept),
            [=](Store& store) { static_cast<void>(store.queue.enqueue(event, destination, kept)); },
            [=, now = m_clock.time](StoreModel& model) { model.enqueue(event, destination, kept, now); }};
  }

  static Deed of_release(const Operation& operation, std::int64_t release) {
    if (operation.act == Act::forget_release) {
      return {fmt::format("forget release {}", release), [=](Store& store) { store.history.forget_release(release); },
              [=](StoreModel& model) { model.forget_release(release); }};
    }
    if (operation.act == Act::publish_release) {
      const std::string artifact = std::to_string(operation.detail);
      return {fmt::format("publish release {}", release),
              [=](Store& store) { store.queue.publish_release(release, artifact); },
              [=](StoreModel& model) { model.publish_release(release, artifact); }};
    }
    const ReleaseSettings settings{
        .settings = "s", .pushed = operation.detail % 2 == 0 ? std::nullopt : std::optional("p"), .env = "e"};
    return {fmt::format("keep the settings of release {}", release),
            [=](Store& store) { store.queue.keep_settings(release, settings); },
            [=](StoreModel& model) { model.keep_settings(release, settings); }};
  }

  Deed of_deployment(const Operation& operation, std::int64_t id) const {
    const TimePoint now = m_clock.time;
    const Color color = operation.color == 0 ? Color::blue : Color::green;
    switch (operation.act) {
    case Act::begin:
      return {fmt::format("begin {} on {}", id, to_string(color)),
              [=](Store& store) { static_cast<void>(store.queue.begin(id, color)); },
              [=](StoreModel& model) { model.begin(id, color, now); }};
    case Act::begin_again:
      return {fmt::format("begin {} again", id), [=](Store& store) { store.queue.begin_again(id); },
              [=](StoreModel& model) { model.begin_again(id); }, m_model.is_running(id)};
    case Act::add_release: {
      Release release = release_of(m_model.deployments().at(id).event.app, "abc"[operation.detail % 3]);
      release.created = now;
      return {fmt::format("add release '{}' to {}", release.commit.front(), id),
              [=](Store& store) { store.queue.add_release(id, release); },
              [=](StoreModel& model) { model.add_release(id, release); }, m_model.is_running(id)};
    }
    case Act::finish:
      return finish(operation, id);
    default:
      return step(operation, id);
    }
  }

  Deed finish(const Operation& operation, std::int64_t id) const {
    const Status status = parse_status(std::array{"live", "ready", "failed", "superseded", "cancelled", "queued"}.at(
                                           static_cast<std::size_t>(operation.detail) % 6))
                              .value();
    const Queue::Outcome outcome{
        .text = std::to_string(operation.detail), .engine_time = Milliseconds(operation.detail), .peak_memory = 7};
    if (status == Status::failed && operation.color == 0) {
      return {fmt::format("fail {} for now", id),
              [=](Store& store) { store.queue.fail_for_now(id, outcome, Milliseconds(1000)); },
              [=, now = m_clock.time](StoreModel& model) { model.fail_for_now(id, outcome, Milliseconds(1000), now); },
              !is_final(m_model.deployments().at(id).status)};
    }
    return {fmt::format("finish {} as {}", id, to_string(status)),
            [=](Store& store) { store.queue.finish(id, status, outcome); },
            [=, now = m_clock.time](StoreModel& model) { model.finish(id, status, outcome, now); },
            is_final(status) && !is_final(m_model.deployments().at(id).status)};
  }

  Deed step(const Operation& operation, std::int64_t id) const {
    const auto name = static_cast<StepName>(operation.detail % 9);
    const StepStatus status = operation.color == 0 ? StepStatus::done : StepStatus::failed;
    if (operation.act == Act::begin_step) {
      return {fmt::format("begin step {} of {}", to_string(name), id),
              [=](Store& store) { store.queue.begin_step(id, name); },
              [=, now = m_clock.time](StoreModel& model) { model.begin_step(id, name, now); }};
    }
    return {fmt::format("end step {} of {}", to_string(name), id),
            [=](Store& store) { store.queue.end_step(id, name, status, Milliseconds(5), "fact"); },
            [=](StoreModel& model) { model.end_step(id, name, status, Milliseconds(5), "fact"); },
            m_model.is_at(id, name)};
  }

  const StoreModel& m_model;
  SetClock& m_clock;
};

/// Kills this process once SQLite has done so many more instructions for `database`.
void kill_after(int instructions, SQLite::Database& database) {
  static int s_left;
  s_left = instructions;
  ::sqlite3_progress_handler(
      database.getHandle(), 1, [](void*) { return s_left-- > 0 ? 0 : ::kill(::getpid(), SIGKILL); }, nullptr);
}

class Comparison {
public:
  Comparison() { open(); }

  void perform(const Operation& operation) {
    if (operation.act == Act::reopen) {
      open();
    }
    const auto deed = Deeds(m_model, m_clock).of(operation);
    if (deed) {
      m_told += fmt::format("{}{}\n", deed->text, operation.fault == Fault::none ? "" : " (the database fails)");
      operation.fault == Fault::killed ? perform_in_killed_process(*deed, operation) : perform(*deed, operation);
    }
    require_agreement();
  }

private:
  void open() {
    FailingFiles::prepare();
    m_store.reset();
    m_store = std::make_unique<Store>(m_file, m_clock);
    m_store->database.handle().exec("PRAGMA busy_timeout = 0");
  }

  void perform(const Deed& deed, const Operation& operation) {
    const std::optional<Error> error = error_of(deed, operation);
    if (!error) {
      require(deed.is_allowed, "it was refused");
      deed.in_model(m_model);
      return;
    }
    const bool is_fault = operation.fault != Fault::none &&
                          (error->kind() == ErrorKind::environment || error->kind() == ErrorKind::busy) &&
                          error->message().starts_with("cannot ") &&
                          error->message().find("state.db") != std::string::npos;
    require(is_fault || (!deed.is_allowed && error->kind() == ErrorKind::internal), error->what());
  }

  std::optional<Error> error_of(const Deed& deed, const Operation& operation) {
    std::optional<FailingFiles> disk;
    std::optional<SQLite::Database> other;
    if (operation.fault == Fault::write || operation.fault == Fault::full) {
      disk.emplace(operation.moment, operation.fault == Fault::full ? SQLITE_FULL : SQLITE_IOERR_WRITE);
    } else if (operation.fault == Fault::locked) {
      other.emplace(m_file.string(), SQLite::OPEN_READWRITE);
      other->exec("BEGIN IMMEDIATE");
    }
    try {
      deed.in_store(*m_store);
      return std::nullopt;
    } catch (const Error& error) {
      return error;
    }
  }

  /// Killed in the middle, it has done all of it or nothing.
  void perform_in_killed_process(const Deed& deed, const Operation& operation) {
    const pid_t child = ::fork();
    if (child == 0) {
      Store store(m_file, m_clock);
      kill_after(operation.moment, store.database.handle());
      try {
        deed.in_store(store);
      } catch (const Error&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    require(was_killed || WEXITSTATUS(status) == (deed.is_allowed ? 0 : 1), "it ended otherwise");
    if (deed.is_allowed && (!was_killed || everything(*m_store) != m_model.everything(m_clock.time))) {
      deed.in_model(m_model);
    }
  }

  void require_agreement() {
    const std::string is = everything(*m_store);
    const std::string should_be = m_model.everything(m_clock.time);
    if (is != should_be) {
      const auto where = std::mismatch(is.begin(), is.end(), should_be.begin(), should_be.end());
      const auto line = is.rfind('\n', static_cast<std::size_t>(where.first - is.begin())) + 1;
      const auto line_of = [&](const std::string& text) { return text.substr(line, text.find('\n', line) - line); };
      require(false, fmt::format("the store says:  {}\nand should say:  {}", line_of(is), line_of(should_be)));
    }
  }

  void require(bool held, const std::string& what) const {
    if (!held) {
      RC_FAIL(fmt::format("{}{}", m_told, what));
    }
  }

  TempFolder m_folder;
  std::filesystem::path m_file = m_folder.path() / "state.db";
  SetClock m_clock;
  std::unique_ptr<Store> m_store;
  StoreModel m_model;
  std::string m_told;
};

} // namespace

} // namespace teal

namespace rc {

template <>
struct Arbitrary<teal::Operation> {
  static Gen<teal::Operation> arbitrary() {
    using teal::Act;
    using teal::Fault;
    using teal::Operation;
    const auto acts = gen::weightedOneOf<int>({{3, gen::inRange(0, 6)}, {1, gen::inRange(6, teal::k_acts)}});
    return gen::build<Operation>(
        gen::set(&Operation::act, gen::map(acts, [](int number) { return static_cast<Act>(number); })),
        gen::set(&Operation::fault,
                 gen::weightedElement<Fault>(
                     {{16, Fault::none}, {3, Fault::write}, {1, Fault::full}, {1, Fault::locked}, {1, Fault::killed}})),
        gen::set(&Operation::moment, gen::inRange(0, 40)), gen::set(&Operation::app, gen::inRange(0, 2)),
        gen::set(&Operation::color, gen::inRange(0, 2)), gen::set(&Operation::which, gen::inRange(0, 3)),
        gen::set(&Operation::detail, gen::inRange(0, 60)));
  }
};

} // namespace rc

TEST_CASE("whatever is done to the store and whatever fails it says what a simple model says") {
  constexpr double k_length = 2; // of RapidCheck's own: things must have come about before they can go wrong
  CHECK(rc::check([] {
    const auto operations = *rc::gen::scale(k_length, rc::gen::arbitrary<std::vector<teal::Operation>>());
    teal::Comparison comparison;
    for (const teal::Operation& operation : operations) {
      comparison.perform(operation);
    }
  }));
}
