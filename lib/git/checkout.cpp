#include "git/checkout.hpp"

#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "git/checkout_index.hpp"
#include "git/folder_update.hpp"
#include "git/system_call.hpp"
#include "git/tree_listing.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <future>
#include <thread>

namespace teal::git {

namespace {

Descriptor open_work_tree(const std::filesystem::path& given) {
  const auto path = given.has_filename() ? given : given.parent_path(); // O_NOFOLLOW follows "link/"
  files::create_directories(path);
  Descriptor work_tree(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!work_tree && files::is_link(path)) {
    throw Error(
        ErrorKind::environment,
        fmt::format("cannot open the work tree '{}': it is a symlink, and what it leads to is not ours to empty",
                    path.string()));
  }
  if (!work_tree) {
    throw_errno("cannot open the work tree", path.native());
  }
  return work_tree;
}

/// Read from the kernel's account of us: umask(2) can only be asked by changing it, under every thread's feet.
mode_t current_umask() {
  constexpr std::string_view k_key = "\nUmask:\t";
  constexpr int k_octal = 8;
  const auto status = teal::read_file("/proc/self/status");
  const auto at = status.find(k_key);
  mode_t mask = 0;
  if (at == std::string::npos ||
      std::from_chars(status.data() + at + k_key.size(), status.data() + status.size(), mask, k_octal).ec !=
          std::errc()) {
    throw Error(ErrorKind::environment, "cannot find the process's umask in '/proc/self/status'");
  }
  return mask;
}

/// Hands out the folders of one checkout to as many threads as are worth their while, and gathers what became of them.
class FolderQueue {
public:
  explicit FolderQueue(const UpdatePlan& plan) : m_plan(plan), m_outcomes(plan.listing.folders.size()) {}

  std::vector<FolderOutcome> run() {
    std::vector<std::future<void>> helpers;
    for (std::size_t i = 1; i < thread_count(); ++i) {
      helpers.push_back(std::async(std::launch::async, [this] { work(); }));
    }
    work();
    for (auto& helper : helpers) {
      helper.get();
    }
    return std::move(m_outcomes);
  }

private:
  [[nodiscard]] std::size_t thread_count() const {
    constexpr std::size_t k_files_worth_a_thread = 1000;
    constexpr std::size_t k_most = 4; // beyond, the file system's own locks are what is waited for
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    return std::min({1 + m_plan.listing.file_count / k_files_worth_a_thread, cores, k_most});
  }

  void work() {
    try {
      FolderUpdate update(m_plan);
      for (auto next = m_next++; next < m_outcomes.size(); next = m_next++) {
        const auto& folder = m_plan.listing.folders[next];
        while_doing(fmt::format("checking out the folder '{}'", folder.path.empty() ? "." : printable(folder.path)),
                    [&] { m_outcomes[next] = update.update(folder); });
      }
    } catch (...) {
      m_next = m_outcomes.size();
      throw;
    }
  }

  const UpdatePlan& m_plan;
  std::vector<FolderOutcome> m_outcomes;
  std::atomic<std::size_t> m_next = 0;
};

/// Saves what is known now, unless the index that was there says it all.
void save_index(const UpdatePlan& plan, const std::vector<FolderOutcome>& outcomes, const std::filesystem::path& file) {
  bool as_before = plan.before.folder_count() == outcomes.size();
  std::vector<std::string_view> records;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto& record = outcomes[i].record;
    as_before = as_before && !record;
    records.push_back(record ? *record : plan.before.record(plan.listing.folders[i].path));
  }
  if (!as_before) {
    CheckoutIndex::save(file, records);
  }
}

} // namespace

CheckoutResult checkout(const Repository& repository, const std::string& commit, const CheckoutOptions& options) {
  const auto before = CheckoutIndex::load(options.index);
  const auto listing = list_tree(repository, commit, options.submodules, before);
  const auto work_tree = open_work_tree(options.work_tree);
  const UpdatePlan plan{
      .listing = listing, .before = before, .work_tree = work_tree.number(), .umask = current_umask()};
  const auto outcomes = FolderQueue(plan).run();

  CheckoutResult result{.files = listing.file_count, .written = 0, .removed = 0};
  for (const auto& outcome : outcomes) {
    result.written += outcome.written;
    result.removed += outcome.removed;
  }
  save_index(plan, outcomes, options.index);
  return result;
}

} // namespace teal::git
