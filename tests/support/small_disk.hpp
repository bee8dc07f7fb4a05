/// @file
/// SmallDisk: a filesystem of a test's own, of a few MiB, in place of a folder.
#pragma once

#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace teal {

/// Only root can mount, and only where it cannot be seen from outside.
inline bool can_mount() {
  const TempFolder folder;
  const bool can = ::getenv("TEAL_TEST_HOST") != nullptr && ::geteuid() == 0 &&
                   ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m") == 0;
  return can && ::umount2(folder.path().c_str(), MNT_DETACH) == 0;
}

class SmallDisk {
public:
  /// What is in the folder is on the disk, too.
  SmallDisk(std::filesystem::path folder, unsigned mebibytes) : m_folder(std::move(folder)) {
    const TempFolder kept;
    const auto copy = std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks;
    std::filesystem::copy(m_folder, kept.path(), copy);
    REQUIRE(::mount("tmpfs", m_folder.c_str(), "tmpfs", 0, fmt::format("size={}m,mode=755", mebibytes).c_str()) == 0);
    std::filesystem::copy(kept.path(), m_folder, copy);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  /// What is on it is gone with it; the folder is as it was before.
  ~SmallDisk() { ::umount2(m_folder.c_str(), MNT_DETACH); }

  /// Takes all room but that many bytes.
  void fill_up_to(std::uintmax_t left) const {
    const std::uintmax_t available = std::filesystem::space(m_folder).available;
    if (available > left) {
      std::ofstream ballast(m_folder / "ballast", std::ios::binary | std::ios::app);
      ballast << std::string(available - left, 'x');
    }
  }
  void empty() const { std::filesystem::remove(m_folder / "ballast"); }

private:
  std::filesystem::path m_folder;
};

} // namespace teal
