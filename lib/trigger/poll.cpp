#include "trigger/poll.hpp"

#include "core/glob.hpp"
#include "trigger/source.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>

namespace teal {

namespace {

constexpr std::string_view k_branches = "refs/heads/";
constexpr std::string_view k_tags = "refs/tags/";
constexpr std::size_t k_most_at_once = 20;
constexpr Milliseconds k_deadline = std::chrono::seconds(30);

bool looks_at(const SourceSettings& source, std::string_view ref) {
  if (source.tag.empty()) {
    return ref == std::string(k_branches) + source.branch;
  }
  return ref.starts_with(k_tags) && matches_glob(source.tag, ref.substr(k_tags.size()));
}

bool is_lower_version(const PolledRef& one, const PolledRef& two) {
  return ::strverscmp(one.ref.c_str(), two.ref.c_str()) < 0;
}

/// Only the `most` highest versions are left, in their order. Returns how many are not.
std::size_t keep_highest(std::vector<PolledRef>& refs, std::size_t most) {
  std::sort(refs.begin(), refs.end(), is_lower_version);
  const std::size_t left_out = refs.size() - std::min(refs.size(), most);
  refs.erase(refs.begin(), refs.begin() + static_cast<std::ptrdiff_t>(left_out));
  return left_out;
}

/// The same for the same change, whenever it is seen, and another one where a branch is forced back and forth.
std::string sender_of(const PolledRef& one) {
  return fmt::format("{}@{}.{}", one.ref, one.commit, one.since.time_since_epoch().count());
}

/// One that is not there will be told by whoever reads it.
TimePoint change_of(const std::filesystem::path& file) {
  struct stat facts {};
  static_cast<void>(::stat(file.c_str(), &facts));
  return TimePoint(std::chrono::duration_cast<Milliseconds>(std::chrono::seconds(facts.st_mtim.tv_sec) +
                                                            std::chrono::nanoseconds(facts.st_mtim.tv_nsec)));
}

StoredDelivery delivery_of(const std::string& app, const std::string& source, const PolledRef& one, TimePoint now) {
  return {.app = app,
          .source = source,
          .sender = sender_of(one),
          .refs = {{one.ref, one.commit}},
          .headers = {},
          .payload = {},
          .at = now,
          .outcome = {}};
}

/// Those that are new, or wait anew, with their ids.
std::vector<StoredDelivery> store_all(Store& store, std::vector<StoredDelivery> deliveries) {
  if (deliveries.empty()) {
    return deliveries;
  }
  const auto taken = store.deliveries.add(deliveries);
  std::vector<StoredDelivery> fresh;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (taken[i].is_new) {
      deliveries[i].id = taken[i].id;
      fresh.push_back(std::move(deliveries[i]));
    }
  }
  return fresh;
}

} // namespace

PollVerdict compare_refs(const std::vector<git::RemoteRef>& there, const std::vector<PolledRef>& before,
                         TimePoint settings_changed, TimePoint now) {
  std::map<std::string, PolledRef> known;
  for (const PolledRef& one : before) {
    known.emplace(one.ref, one);
  }
  PollVerdict verdict;
  std::vector<PolledRef> again;
  for (const git::RemoteRef& ref : there) {
    const auto found = known.find(ref.name);
    if (found == known.end() || found->second.commit != ref.commit) {
      verdict.asked.push_back({.ref = ref.name, .commit = ref.commit, .since = now, .asked = now});
      verdict.seen.push_back({.ref = ref.name, .commit = ref.commit, .since = now, .asked = {}});
    } else {
      verdict.seen.push_back(found->second);
      if (found->second.asked != TimePoint()) {
        again.push_back(found->second);
      }
    }
    if (found != known.end()) {
      known.erase(found);
    }
  }
  for (const auto& [ref, one] : known) {
    verdict.gone.push_back(ref);
  }
  verdict.passed_over = keep_highest(verdict.asked, before.empty() ? 1 : k_most_at_once);
  keep_highest(again, 1);
  if (verdict.asked.empty() && !again.empty() && again.front().asked < settings_changed) {
    again.front().asked = now;
    verdict.asked = std::move(again);
  }
  for (PolledRef& one : verdict.seen) {
    const auto asked = std::find_if(verdict.asked.begin(), verdict.asked.end(),
                                    [&](const PolledRef& other) { return other.ref == one.ref; });
    if (asked != verdict.asked.end()) {
      one = *asked;
    }
  }
  return verdict;
}

PollResult poll(Store& store, const PollPlace& place, const std::string& app, const SourceSettings& source,
                TimePoint now) {
  const AppFolder folder = place.home.app(app);
  const std::string pattern = source.tag.empty() ? std::string(k_branches) + source.branch : std::string(k_tags) + "*";
  auto there =
      Source(folder, source)
          .list(pattern, {.environment = place.environment, .deadline = k_deadline, .interrupt = place.interrupt});
  std::erase_if(there, [&](const git::RemoteRef& ref) { return !looks_at(source, ref.name); });
  auto before = store.polled_refs.list(app, source.name);
  std::erase_if(before, [&](const PolledRef& one) { return !looks_at(source, one.ref); });
  PollVerdict verdict = compare_refs(there, before, std::min(change_of(folder.settings()), now), now);
  std::vector<StoredDelivery> deliveries;
  for (const PolledRef& one : verdict.asked) {
    deliveries.push_back(delivery_of(app, source.name, one, now));
  }
  PollResult result{.deliveries = store_all(store, std::move(deliveries)),
                    .gone = std::move(verdict.gone),
                    .passed_over = verdict.passed_over,
                    .there = there.size()};
  if (verdict.seen != before) {
    store.polled_refs.replace(app, source.name, verdict.seen);
  }
  return result;
}

std::vector<SourceSettings> polled_sources(const AppSettings& settings) {
  std::vector<SourceSettings> sources = settings.sources;
  std::erase_if(sources, [](const SourceSettings& one) { return one.kind != SourceSettings::Kind::poll; });
  return sources;
}

} // namespace teal
