/// @file
/// Installation: where tealhook's own programs and files lie, relative to whichever of them is running. The build tree
/// mirrors the install tree, so the same steps lead there in both.
#pragma once

#include <filesystem>
#include <string_view>

namespace teal {

struct Installation {
  std::filesystem::path prefix; ///< the folder above bin and libexec

  [[nodiscard]] std::filesystem::path tool() const { return prefix / "bin" / "tealhook"; }
  /// Has "post-receive" and "pre-receive".
  [[nodiscard]] std::filesystem::path hooks() const { return prefix / "libexec/tealhook"; }
  /// For systemd, logrotate and others: files that are right as they are for Home::k_default.
  [[nodiscard]] std::filesystem::path templates() const { return prefix / "share/tealhook"; }

  /// Found from /proc/self/exe. Throws Error(environment) if the running program is not inside such a tree.
  [[nodiscard]] static Installation of_this_program();
};

} // namespace teal
