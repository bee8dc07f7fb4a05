/// @file
/// TempFolder: a folder that is gone, with all in it, when it leaves scope.
#pragma once

#include <filesystem>

namespace teal {

class TempFolder {
public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
  std::filesystem::path m_path;
};

} // namespace teal
