#include "serve/keeper.hpp"

#include "config/load.hpp"
#include "config/router_kinds.hpp"
#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/pidfd.hpp"
#include "core/text.hpp"
#include "engine/registry_process.hpp"
#include "process/detached.hpp"
#include "process/files.hpp"
#include "request/runner_start.hpp"
#include "route/router_process.hpp"
#include "store/queue.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace teal::serve {

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds k_first_pause{50};
constexpr Milliseconds k_longest_pause = std::chrono::seconds(60);
constexpr std::chrono::minutes k_calm{2}; ///< what held for so long does not count as tried lately
constexpr Milliseconds k_deadline = std::chrono::minutes(3);
constexpr std::array<std::string_view, 2> k_locks{"lock", "waiting.lock"}; ///< that say whether an app has a runner
constexpr std::uint32_t k_coming = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;

/// Nothing where it has ended already.
Descriptor watch_process(const ProcessId& process) {
  Descriptor handle(open_pidfd(process.pid));
  return is_alive(process) ? std::move(handle) : Descriptor();
}

/// Empty if it was done.
template <class Work>
std::string fault_of(const Work& work) {
  try {
    work();
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

engine::RegistryProcess registry_of(const Home& home, const Environment& environment) {
  return {environment, {.address = {}, .listen = {}, .folder = home.registry(), .home = {}}};
}

bool is_process_file(std::string_view name) {
  return name.ends_with(".pid.json") || name == "registry.pid" || name == "taken-down";
}

} // namespace

Keeper::Keeper(Place place)
    : m_place(std::move(place)), m_wake(own(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "make an event")),
      m_files(own(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "watch files")) {
  m_recovery.due = std::chrono::steady_clock::now();
  m_thread = std::jthread([this](const std::stop_token& end) { run(end); });
}

Keeper::~Keeper() {
  m_thread.request_stop();
  look();
  m_thread.join();
}

void Keeper::look() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(m_wake.number(), &one, sizeof one)); // it can only be full, and then it is told already
}

void Keeper::run(const std::stop_token& end) {
  while (!end.stop_requested()) {
    bool has_started = false;
    const std::string unwatched = fault_of([this] { watch_home(); });
    const std::string fault = fault_of([&] {
      look_at_router();
      look_at_registry();
      look_at_runners();
      has_started = start_what_is_due(end);
    });
    tell(fault.empty() ? unwatched : fault);
    if (!has_started && !end.stop_requested()) {
      wait();
    }
  }
}

/// Once for each one; and what is not told to us meanwhile, is looked for.
void Keeper::tell(const std::string& fault) {
  if (!fault.empty() && fault != m_fault) {
    m_place.log.error(fmt::format("cannot look after router, registry and runners as it should be: {}", fault));
  }
  if (!fault.empty() && !m_next_look) {
    m_next_look = std::chrono::steady_clock::now() + k_longest_pause;
  }
  m_fault = fault;
}

/// Whatever is watched already stays so.
void Keeper::watch_home() {
  const auto watch = [this](const fs::path& folder, std::uint32_t what) {
    const int number = ::inotify_add_watch(m_files.number(), folder.c_str(), what | IN_ONLYDIR);
    if (number < 0 && errno != ENOENT) { // it may not be there yet
      throw Error(ErrorKind::environment, fmt::format("cannot watch '{}': {}", folder.string(), system_reason(errno)));
    }
    return number;
  };
  const Home& home = m_place.home;
  for (const fs::path& folder : {home.root, home.router(), home.registry(), home.apps()}) {
    watch(folder, k_coming);
  }
  for (const std::string& app : list_apps(home)) {
    if (const int number = watch(home.app(app).root, IN_CLOSE_WRITE); number >= 0) {
      m_app_folders.insert(number);
    }
  }
}

/// What should run is watched while it does, and started again where it has ended.
void Keeper::look_after(const std::optional<ProcessId>& running, Descriptor& watched, Attempt& start) {
  start.has_ended = start.has_ended || watched;
  watched = running ? watch_process(*running) : Descriptor();
  if (watched) {
    start.has_ended = false;
  } else if (!start.due) {
    plan(start);
  }
}

/// Not before it is started again: who takes one down ends it first, and says so after that.
void Keeper::announce(std::string_view name, Attempt& attempt) {
  if (std::exchange(attempt.has_ended, false)) {
    m_place.log.warn(fmt::format("the {} has ended, and nobody took it down", name));
    m_place.metrics.count_restart(name);
  }
}

void Keeper::look_at_router() {
  const ServerSettings::Router router = load_server_settings(m_place.home).router;
  if (router.kind == ServerSettings::Router::Kind::none || !router.config.empty() ||
      files::exists(m_place.home.router_taken_down())) {
    m_router.close();
    m_recovery.has_ended = false;
    return;
  }
  const route::RouterProcess process(to_string(router.kind), m_place.home.router(), m_place.environment);
  look_after(process.find(), m_router, m_recovery);
}

void Keeper::look_at_registry() {
  const auto process = registry_of(m_place.home, m_place.environment);
  if (!process.was_started()) {
    m_registry.close();
    m_registry_start.due.reset();
    m_registry_start.has_ended = false;
    return;
  }
  look_after(process.find(), m_registry, m_registry_start);
}

/// An app's lock says whether a runner is at work; by its closing we are told.
void Keeper::look_at_runners() {
  Database database(m_place.home.store());
  const SystemClock clock;
  const auto apps = Queue(database, clock).apps_with_work();
  std::erase_if(m_runners, [&](const auto& one) {
    return std::find(apps.begin(), apps.end(), one.first) == apps.end() && !one.second.due &&
           std::chrono::steady_clock::now() - one.second.last > k_calm;
  });
  for (const std::string& app : apps) {
    Attempt& attempt = m_runners[app];
    if (!attempt.due && !has_runner(m_place.home.app(app))) {
      plan(attempt);
    }
  }
}

/// At once where it was not tried lately, else the later the more often it was.
void Keeper::plan(Attempt& attempt) {
  const Time now = std::chrono::steady_clock::now();
  constexpr int k_most_doublings = 12;
  if (now - attempt.last > k_calm) {
    attempt.lately = 0;
  }
  attempt.due = now + std::min(k_longest_pause, k_first_pause * (1 << std::min(attempt.lately, k_most_doublings)));
  ++attempt.lately;
}

/// Whether there was anything, after which all is to be looked at once more.
bool Keeper::start_what_is_due(const std::stop_token& end) {
  const Time now = std::chrono::steady_clock::now();
  bool has_started = false;
  const auto take = [&](Attempt& attempt, const auto& start) {
    if (attempt.due && *attempt.due <= now) {
      attempt.due.reset();
      start();
      attempt.last = std::chrono::steady_clock::now();
      has_started = true;
    }
  };
  take(m_registry_start, [&] {
    if (registry_of(m_place.home, m_place.environment).was_started()) {
      announce("registry", m_registry_start);
      call({"registry", "up"}, end);
    }
  });
  take(m_recovery, [&] {
    if (!files::exists(m_place.home.router_taken_down())) {
      announce("router", m_recovery);
    }
    call({"recover"}, end); // which leaves a router that was taken down as it is
  });
  for (auto& [app, attempt] : m_runners) {
    take(attempt, [&, &name = app] { start_runner_of(name); });
  }
  return has_started;
}

void Keeper::start_runner_of(const std::string& app) {
  if (has_runner(m_place.home.app(app))) {
    return; // it takes on what waits, or its closing will be told
  }
  try {
    static_cast<void>(start_runner(m_place.home, app, m_place.environment, m_place.installation));
    m_place.metrics.count_restart("runner");
    m_place.log.info("a runner was started for what waits", {{"app", app}});
  } catch (const Error& error) {
    m_place.log.error(error.message(), {{"app", app}});
    plan(m_runners[app]);
  }
}

/// As a person would, in a process of its own: what goes wrong there, or takes long, is not ours.
void Keeper::call(const std::vector<std::string>& arguments, const std::stop_token& end) const {
  Command command{.arguments = {m_place.installation.tool().string(), "--home", m_place.home.root.string()},
                  .directory = m_place.home.root,
                  .environment = m_place.environment,
                  .deadline = k_deadline,
                  .interrupt = end,
                  .leave_background = true};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  const std::string name = join(arguments, " ");
  try {
    const Outcome outcome = teal::run(command);
    const auto level = outcome.succeeded() || outcome.interrupted ? Log::Level::info : Log::Level::error;
    for (const std::string& line : split(outcome.tail, '\n')) {
      if (!trim(line).empty()) {
        m_place.log.write(level, line, {{"by", name}});
      }
    }
  } catch (const Error& error) {
    m_place.log.error(error.message(), {{"by", name}});
  }
}

/// Until something ended, came, or is due.
void Keeper::wait() {
  std::optional<Time> first = std::exchange(m_next_look, std::nullopt);
  const auto note = [&first](const Attempt& attempt) {
    if (attempt.due && (!first || *attempt.due < *first)) {
      first = attempt.due;
    }
  };
  note(m_recovery);
  note(m_registry_start);
  for (const auto& [app, attempt] : m_runners) {
    note(attempt);
  }
  while (!is_woken(first)) {
  }
}

/// False where what happened is no matter: a deployment writes much.
bool Keeper::is_woken(const std::optional<Time>& first) {
  int timeout = -1;
  if (first) {
    const auto left = std::chrono::ceil<Milliseconds>(*first - std::chrono::steady_clock::now());
    timeout = static_cast<int>(std::max(left, Milliseconds(0)).count());
  }
  std::array<pollfd, 4> news{{{m_files.number(), POLLIN, 0},
                              {m_wake.number(), POLLIN, 0},
                              {m_router.number(), POLLIN, 0}, // a negative number is ignored
                              {m_registry.number(), POLLIN, 0}}};
  const int ready = ::poll(news.data(), news.size(), timeout);
  if (ready <= 0) {
    return ready == 0;
  }
  const bool is_matter = news[0].revents != 0 && read_events();
  std::uint64_t told = 0;
  static_cast<void>(read_some(m_wake.number(), reinterpret_cast<char*>(&told), sizeof told));
  return is_matter || std::any_of(news.begin() + 1, news.end(), [](const pollfd& one) { return one.revents != 0; });
}

/// Whether a process of ours may have come or gone.
bool Keeper::read_events() {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  bool is_matter = false;
  for (ssize_t size = 0; (size = read_some(m_files.number(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      const std::string_view name = event->len == 0 ? std::string_view() : std::string_view(event->name);
      is_matter = note_event(event->wd, event->mask, name) || is_matter;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
  return is_matter;
}

bool Keeper::note_event(int folder, std::uint32_t mask, std::string_view name) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    m_next_look = std::chrono::steady_clock::now() + k_first_pause; // as below: any may have been lost
    return true;
  }
  if ((mask & IN_IGNORED) != 0) {
    m_app_folders.erase(folder);
    return false;
  }
  if (!m_app_folders.contains(folder)) {
    return (mask & IN_ISDIR) != 0 || is_process_file(name);
  }
  if (std::find(k_locks.begin(), k_locks.end(), name) == k_locks.end()) {
    return false;
  }
  // A killed runner's close is told just before the kernel takes its lock away.
  m_next_look = std::chrono::steady_clock::now() + k_first_pause;
  return true;
}

} // namespace teal::serve
