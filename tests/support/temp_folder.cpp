#include "support/temp_folder.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace teal {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "tealhook-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder " + name);
  }
  m_path = std::filesystem::canonical(name);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(m_path, ignored);
}

} // namespace teal
