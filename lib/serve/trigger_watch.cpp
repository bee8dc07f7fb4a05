#include "serve/trigger_watch.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "model/trigger_file.hpp"
#include "process/files.hpp"
#include "process/user.hpp"
#include "trigger/source.hpp"

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

constexpr Milliseconds k_whole_after{1000}; ///< without a change: nobody is writing it any more
constexpr Milliseconds k_backstop = std::chrono::seconds(30);
constexpr Milliseconds k_unwatched = std::chrono::seconds(1);
constexpr Milliseconds k_unusable = std::chrono::seconds(5);
constexpr std::size_t k_most_told = 100; ///< of a folder's files
constexpr std::string_view k_settings = "app.yml";
constexpr std::uint32_t k_coming = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t k_apps_coming = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;
constexpr std::uint32_t k_settings_coming = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE;

std::optional<uid_t> uid_of(const std::string& owner) {
  if (const auto number = parse_integer(owner)) {
    return static_cast<uid_t>(*number);
  }
  const auto user = owner.empty() ? std::nullopt : find_user(owner);
  return user ? std::optional<uid_t>(user->uid) : std::nullopt;
}

template <class Map>
std::string names_of(const Map& files) {
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const auto& [name, wanted] : files) {
    names.push_back(fmt::format("'{}'", name));
  }
  return in_words(names, "and");
}

} // namespace

TriggerWatch::TriggerWatch(Place place)
    : m_place(std::move(place)), m_wake(own(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "make an event")),
      m_files(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  m_thread = std::jthread([this](const std::stop_token& end) { run(end); });
}

TriggerWatch::~TriggerWatch() {
  m_thread.request_stop();
  const std::uint64_t one = 1;
  static_cast<void>(::write(m_wake.number(), &one, sizeof one));
  m_thread.join();
}

void TriggerWatch::run(const std::stop_token& end) {
  while (!end.stop_requested()) {
    try {
      read_settings();
    } catch (const std::exception& error) { // the home's own folder cannot be read
      m_place.log.error(fmt::format("trigger files: {}", error.what()));
      m_is_list_stale = false;
      unwatch(std::exchange(m_apps_watch, -1));
      m_next_list = std::chrono::steady_clock::now() + k_backstop;
    }
    for (auto& [path, folder] : m_folders) {
      if (folder.next_look <= std::chrono::steady_clock::now()) {
        look_at(path, folder);
      }
    }
    wait();
  }
}

/// -1 where it cannot be watched, or is not there.
int TriggerWatch::watch(const fs::path& folder, std::uint32_t what) const {
  return m_files ? ::inotify_add_watch(m_files.number(), folder.c_str(), what | IN_ONLYDIR | IN_MASK_ADD) : -1;
}

void TriggerWatch::unwatch(int number) const {
  if (number >= 0) {
    static_cast<void>(::inotify_rm_watch(m_files.number(), number)); // it may be gone with its folder
  }
}

/// Of the apps that changed since they were read; of all where nothing tells us.
void TriggerWatch::read_settings() {
  const Time now = std::chrono::steady_clock::now();
  const bool is_blind = m_apps_watch < 0 && now >= m_next_list;
  if (m_is_list_stale || is_blind) {
    m_apps_watch = watch(m_place.home.apps(), k_apps_coming);
    const auto names = files::names_in(m_place.home.apps()); // also of one whose settings are still to come
    std::erase_if(m_apps, [&](const auto& one) {
      const bool is_gone = std::find(names.begin(), names.end(), one.first) == names.end();
      if (is_gone) {
        unwatch(one.second.watch);
      }
      return is_gone;
    });
    for (const std::string& name : names) {
      m_apps[name].is_stale |= m_apps[name].watch < 0;
    }
    m_next_list = now + k_backstop;
  }
  bool is_changed = std::exchange(m_is_list_stale, false) || is_blind;
  for (auto& [name, app] : m_apps) {
    if (std::exchange(app.is_stale, false)) {
      read_app(name, app);
      is_changed = true;
    }
  }
  if (is_changed) {
    spread_sources();
  }
}

void TriggerWatch::read_app(const std::string& name, App& app) {
  app.watch = watch(m_place.home.app(name).root, k_settings_coming); // first: what changes from now on is told
  if (!files::exists(m_place.home.app(name).settings())) {
    app.sources.clear();
    return;
  }
  try {
    std::vector<SourceSettings> sources = load_app_settings(m_place.home, name).sources;
    std::erase_if(sources, [](const auto& source) { return source.kind != SourceSettings::Kind::file; });
    app.sources = std::move(sources);
    app.fault.clear();
  } catch (const Error& error) {
    if (std::exchange(app.fault, error.message()) != error.message()) {
      m_place.log.error(
          fmt::format("{}; {}", error.message(),
                      app.sources.empty() ? "no trigger file is waited for" : "its trigger files are taken as before"),
          {{"app", name}});
    }
  }
}

/// To the folders, each of which is looked through then.
void TriggerWatch::spread_sources() {
  for (auto& [path, folder] : m_folders) {
    folder.files.clear();
  }
  for (const auto& [name, app] : m_apps) {
    for (const SourceSettings& source : app.sources) {
      const fs::path path = file_of_app(m_place.home.app(name), source.folder).lexically_normal();
      const auto [wanted, is_first] = m_folders[path].files.try_emplace(source.file);
      wanted->second.is_agreed = is_first || (wanted->second.is_agreed && wanted->second.owner == source.owner);
      wanted->second.owner = source.owner;
      wanted->second.askers.push_back({name, source.name, "refs/heads/" + source.branch});
    }
  }
  std::erase_if(m_folders, [this](const auto& one) {
    if (one.second.files.empty()) {
      unwatch(one.second.watch);
    }
    return one.second.files.empty();
  });
  for (auto& [path, folder] : m_folders) {
    folder.told.clear();
    folder.next_look = {};
  }
}

/// What is wrong with the folder is told once, until it is another thing.
void TriggerWatch::look_at(const fs::path& path, Folder& folder) {
  std::string fault;
  try {
    if (!folder.folder) {
      open(path, folder);
    }
    folder.next_look = std::chrono::steady_clock::now() + (folder.watch < 0 ? k_unwatched : k_backstop);
    scan(folder);
  } catch (const std::exception& error) {
    fault = error.what();
    unwatch(std::exchange(folder.watch, -1));
    folder.folder.reset();
    folder.next_look = std::chrono::steady_clock::now() + k_unusable;
  }
  if (!fault.empty() && fault != folder.fault) {
    m_place.log.error(fmt::format("no trigger files are taken: {}", fault), {{"folder", path.string()}});
  }
  folder.fault = std::move(fault);
}

void TriggerWatch::open(const fs::path& path, Folder& folder) {
  folder.folder = std::make_shared<const TriggerFolder>(path);
  folder.watch = watch(path, k_coming);
  if (folder.watch < 0) {
    m_place.log.warn(
        fmt::format("cannot watch '{}': {}; it is looked through each second", path.string(), system_reason(errno)));
  }
}

void TriggerWatch::scan(Folder& folder) {
  std::set<std::string> in_flight; // first: what is among the left over and not here is in nobody's hands
  {
    const std::lock_guard guard(m_in_flight->mutex);
    in_flight = m_in_flight->ids;
  }
  std::set<std::string> there;
  for (const TriggerFile& file : folder.folder->left_over()) {
    there.insert(file.id);
    if (!in_flight.contains(file.id)) {
      follow(folder, file);
    }
  }
  const TimePoint now = m_place.clock.now();
  for (const auto& [name, changed] : folder.folder->names()) {
    there.insert(name);
    const bool is_whole = now - changed >= k_whole_after || changed - now > k_whole_after; // or the clock was set
    if (is_whole || !folder.files.contains(name)) {
      take(folder, name);
    } else {
      folder.next_look = std::min(folder.next_look, std::chrono::steady_clock::now() + k_whole_after);
    }
  }
  std::erase_if(folder.told, [&](const auto& one) { return !there.contains(one.first); });
}

void TriggerWatch::take(Folder& folder, const std::string& name) {
  if (!is_trigger_file_name(name)) {
    return;
  }
  if (!folder.files.contains(name)) {
    tell_once(folder, name,
              fmt::format("'{}' is no source's file and stays where it is; those that are: {}", name,
                          names_of(folder.files)));
    return;
  }
  try {
    if (const auto file = folder.folder->take(name)) {
      follow(folder, *file);
    }
  } catch (const Error& error) { // which is about this one, and keeps no other waiting
    tell_once(folder, name, error.message());
  }
}

/// One that was taken, now or by a predecessor.
void TriggerWatch::follow(Folder& folder, const TriggerFile& file) {
  const auto wanted = folder.files.find(file.name);
  if (wanted == folder.files.end()) {
    tell_once(folder, file.id, fmt::format("'{}' was taken, and is no source's file any more; it is kept", file.name));
    return;
  }
  const auto owner = wanted->second.is_agreed ? uid_of(wanted->second.owner) : std::nullopt;
  try {
    if (const auto why = folder.folder->refuse_unless_fit(file, owner)) {
      m_place.log.warn(fmt::format("a trigger file was refused: {}", *why),
                       {{"folder", folder.folder->path().string()}, {"file", file.name}});
    } else {
      store(folder, file, wanted->second);
    }
  } catch (const Error& error) {
    tell_once(folder, file.id, error.message());
  }
}

/// What cannot be stored now is found again when the folder is looked through next.
void TriggerWatch::store(const Folder& folder, const TriggerFile& file, const Wanted& wanted) {
  struct Pending {
    explicit Pending(std::size_t askers) : left(askers) {}
    std::atomic<std::size_t> left;
    std::atomic<bool> has_failed = false;
  };
  const auto pending = std::make_shared<Pending>(wanted.askers.size());
  const auto answer = [pending, file, folder = folder.folder, in_flight = m_in_flight,
                       &log = m_place.log](const Journal::Result& result) {
    if (const auto* error = std::get_if<Error>(&result)) {
      pending->has_failed = true;
      log.error(fmt::format("a trigger file waits: {}", error->message()), {{"file", file.name}});
    }
    if (--pending->left > 0) {
      return;
    }
    try {
      if (!pending->has_failed) {
        folder->forget(file);
      }
    } catch (const Error& error) {
      log.error(error.message(), {{"file", file.name}});
    }
    const std::lock_guard guard(in_flight->mutex);
    in_flight->ids.erase(file.id);
  };
  {
    const std::lock_guard guard(m_in_flight->mutex);
    m_in_flight->ids.insert(file.id);
  }
  const std::string line = folder.folder->first_line(file);
  for (const Asker& asker : wanted.askers) {
    m_place.log.info("a trigger file came" + (line.empty() ? "" : ": " + line),
                     {{"app", asker.app}, {"source", asker.source}, {"file", file.name}});
    const bool is_added = m_place.journal.add({.app = asker.app,
                                               .source = asker.source,
                                               .sender = "file:" + file.id,
                                               .refs = {{asker.ref, ""}},
                                               .headers = {},
                                               .payload = line,
                                               .at = m_place.clock.now(),
                                               .outcome = {}},
                                              answer);
    if (!is_added) {
      answer(Error(ErrorKind::busy, "too many deliveries at the moment"));
    }
  }
}

void TriggerWatch::tell_once(Folder& folder, const std::string& name, const std::string& what) const {
  if (folder.told.size() < k_most_told && std::exchange(folder.told[name], what) != what) {
    m_place.log.warn(what, {{"folder", folder.folder->path().string()}});
  }
}

/// Until something came, or is due.
void TriggerWatch::wait() {
  std::optional<Time> first;
  if (m_apps_watch < 0) {
    first = m_next_list;
  }
  for (const auto& [path, folder] : m_folders) {
    first = first ? std::min(*first, folder.next_look) : folder.next_look;
  }
  int timeout = -1;
  if (first) {
    const auto left = std::chrono::ceil<Milliseconds>(*first - std::chrono::steady_clock::now());
    timeout = static_cast<int>(std::max(left, Milliseconds(0)).count());
  }
  std::array<pollfd, 2> news{{{m_files.number(), POLLIN, 0}, {m_wake.number(), POLLIN, 0}}};
  if (::poll(news.data(), news.size(), timeout) > 0 && news[0].revents != 0) {
    read_events();
  }
}

void TriggerWatch::read_events() {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  for (ssize_t size = 0; (size = read_some(m_files.number(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      note_event(event->wd, event->mask, event->len == 0 ? "" : event->name);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

void TriggerWatch::note_event(int number, std::uint32_t mask, const std::string& name) {
  constexpr std::uint32_t k_gone = IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF;
  const bool is_lost = (mask & IN_Q_OVERFLOW) != 0;
  m_is_list_stale = m_is_list_stale || is_lost || number == m_apps_watch;
  if (number == m_apps_watch && (mask & k_gone) != 0) {
    m_apps_watch = -1;
  }
  for (auto& [app, known] : m_apps) {
    if (is_lost || (known.watch == number && (name == k_settings || (mask & k_gone) != 0))) {
      known.is_stale = true;
    }
  }
  for (auto& [path, folder] : m_folders) {
    if (is_lost) {
      folder.next_look = {};
    } else if (folder.watch == number && (mask & k_gone) != 0) {
      unwatch(std::exchange(folder.watch, -1));
      folder.folder.reset(); // another one may be there by now
      folder.next_look = {};
    } else if (folder.watch == number && folder.folder) {
      take(folder, name);
    }
  }
}

} // namespace teal::serve
