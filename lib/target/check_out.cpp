#include "target/check_out.hpp"

#include "git/checkout.hpp"
#include "git/lfs.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

constexpr Milliseconds k_fetch_deadline = std::chrono::minutes(10);

} // namespace

BuildPlace BuildPlace::of(const AppFolder& folder, Color color) {
  return {folder.work_tree(color), folder.checkout_index(color), folder.submodules()};
}

BuildPlace BuildPlace::of_gate(const AppFolder& folder) {
  return {folder.gate() / "tree", folder.gate() / "index", folder.submodules()};
}

std::string check_out(const CheckOutOrder& order, const std::function<void(const std::string&)>& warn) {
  const BuildPlace& place = order.place;
  git::SubmoduleSource submodules(place.submodules, order.environment, k_fetch_deadline, order.interrupt);
  const git::CheckoutResult result = git::checkout(
      order.repository, order.commit, {.work_tree = place.work_tree, .index = place.index, .submodules = &submodules});
  const git::LfsResult lfs = git::fill_lfs_files(order.repository, {.commit = order.commit,
                                                                    .work_tree = place.work_tree,
                                                                    .environment = order.environment,
                                                                    .deadline = k_fetch_deadline,
                                                                    .interrupt = order.interrupt});
  if (const std::string missing = git::describe_missing(lfs, order.repository); !missing.empty()) {
    warn(missing);
  }
  const std::size_t changed = result.written + result.removed;
  return changed == 0 ? "nothing changed" : fmt::format("{} file{} changed", changed, changed == 1 ? "" : "s");
}

} // namespace teal
