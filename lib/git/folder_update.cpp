#include "git/folder_update.hpp"

#include "git/libgit2.hpp"
#include "git/work_file.hpp"
#include "git/work_folder.hpp"

#include <algorithm>
#include <optional>

namespace teal::git {

namespace {

/// The element of `sorted` whose name is `name`, or its end.
template <class Sorted>
auto find_name(const Sorted& sorted, std::string_view name) {
  const auto found =
      std::lower_bound(sorted.begin(), sorted.end(), name,
                       [](const auto& element, std::string_view wanted) { return element.name < wanted; });
  return found != sorted.end() && found->name == name ? found : sorted.end();
}

bool says(const IndexFile& remembered, const TreeFile& file, const FileStat& now) {
  return remembered.kind == file.kind && git_oid_equal(&remembered.id, &file.id) != 0 && remembered.stat == now;
}

} // namespace

struct FolderUpdate::Progress {
  const TreeFolder& folder;
  int descriptor;
  FolderOutcome& outcome;
  bool looked_closer = false; ///< stat data alone did not tell that all is as it was
};

FolderUpdate::FolderUpdate(const UpdatePlan& plan) : m_plan(plan), m_cursor(plan.work_tree), m_blobs(plan.listing) {}

FolderOutcome FolderUpdate::update(const TreeFolder& folder) {
  FolderOutcome outcome;
  const auto removed_before = m_cursor.removed();
  Progress progress{.folder = folder, .descriptor = m_cursor.enter(folder.path), .outcome = outcome};
  const auto record = m_plan.before.record(folder.path);
  const auto remembered = parse_record(record);
  const auto state = look_at(progress.descriptor);
  const bool has_listed_names =
      remembered.stat == state && git_oid_equal(&remembered.tree, &folder.tree) != 0 && !m_plan.before.is_racy(state);
  progress.looked_closer = !has_listed_names;
  const auto present = has_listed_names ? std::vector<bool>(folder.files.size(), true) : clear(progress);
  const auto file_states = settle_all(progress, remembered, present);
  const bool touched = outcome.written + outcome.removed != 0;
  // What others put into a folder while it is being changed would hide behind our own changes: list it again next time.
  auto next_record = make_record(folder, touched ? FileStat{} : state, file_states);
  if (progress.looked_closer || next_record != record) {
    outcome.record = std::move(next_record);
  }
  outcome.removed += m_cursor.removed() - removed_before;
  return outcome;
}

std::vector<bool> FolderUpdate::clear(Progress& progress) {
  const auto& files = progress.folder.files;
  const auto& folders = progress.folder.folders;
  std::vector<bool> present(files.size());
  for (const auto& name : names_in(progress.descriptor)) {
    if (const auto file = find_name(files, name); file != files.end()) {
      present[static_cast<std::size_t>(file - files.begin())] = true;
    } else if (find_name(folders, name) == folders.end()) {
      progress.outcome.removed += remove_entry(progress.descriptor, name);
    }
  }
  return present;
}

std::vector<FileStat> FolderUpdate::settle_all(Progress& progress, const IndexFolder& remembered,
                                               const std::vector<bool>& present) {
  const auto& folder = progress.folder;
  const bool same_attributes = git_oid_equal(&remembered.attributes, &folder.attributes) != 0;
  std::vector<FileStat> states;
  states.reserve(folder.files.size());
  auto entry = remembered.files.begin();
  const auto end = remembered.files.end();
  for (std::size_t i = 0; i < folder.files.size(); ++i) {
    const auto& file = folder.files[i];
    entry = std::find_if(entry, end, [&](const IndexFile& one) { return one.name >= file.name; });
    const bool found = same_attributes && entry != end && entry->name == file.name;
    states.push_back(settle(progress, file, found ? &*entry : nullptr, present[i]));
  }
  return states;
}

FileStat FolderUpdate::settle(Progress& progress, const TreeFile& file, const IndexFile* remembered, bool present) {
  const auto now = present ? look_at(progress.descriptor, file.name) : std::nullopt;
  const bool trusted = now && remembered != nullptr && says(*remembered, file, *now);
  if (trusted && !m_plan.before.is_racy(*now)) {
    return *now;
  }
  progress.looked_closer = true;
  const auto content = m_blobs.read(progress.folder, file);
  if (now && is_as_wanted(progress.descriptor, file, *now, content, m_plan.umask)) {
    return *now;
  }
  if (now) {
    const auto removed = remove_entry(progress.descriptor, file.name);
    progress.outcome.removed += is_folder(*now) ? removed : 0; // a file that is replaced is written, not removed
  }
  ++progress.outcome.written;
  return make_file(progress.descriptor, file, content);
}

} // namespace teal::git
