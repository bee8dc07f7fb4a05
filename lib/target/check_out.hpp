/// @file
/// CheckOut: a commit's files with all that belongs to them: submodules, and what Git LFS keeps elsewhere.
#pragma once

#include "git/repository.hpp"
#include "model/home.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace teal {

/// Where a commit's files are put, and what is remembered of the last ones.
struct BuildPlace {
  std::filesystem::path work_tree;
  std::filesystem::path index;      ///< CheckoutOptions::index
  std::filesystem::path submodules; ///< bare repositories of theirs, shared

  [[nodiscard]] static BuildPlace of(const AppFolder& folder, Color color);
  /// What is checked out there never runs as it is.
  [[nodiscard]] static BuildPlace of_gate(const AppFolder& folder);
};

struct CheckOutOrder {
  const git::Repository& repository;
  const std::string& commit;
  const BuildPlace& place;
  const Environment& environment; ///< of the git that fetches
  std::stop_token interrupt;
};

/// Returns the fact worth knowing; what people should be warned of goes to `warn`. Throws as git::checkout() does.
std::string check_out(const CheckOutOrder& order, const std::function<void(const std::string&)>& warn);

} // namespace teal
