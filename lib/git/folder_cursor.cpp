#include "git/folder_cursor.hpp"

#include "core/text.hpp"
#include "git/work_folder.hpp"

namespace teal::git {

int FolderCursor::enter(const std::string& path) {
  const auto names = path.empty() ? std::vector<std::string>() : split(path, '/');
  std::size_t shared = 0;
  while (shared < names.size() && shared < m_levels.size() && names[shared] == m_levels[shared].name) {
    ++shared;
  }
  m_levels.resize(shared);
  for (std::size_t i = shared; i < names.size(); ++i) {
    auto opened = make_folder(innermost(), names[i]);
    m_removed += opened.removed;
    m_levels.push_back({.name = names[i], .folder = std::move(opened.folder)});
  }
  return innermost();
}

} // namespace teal::git
