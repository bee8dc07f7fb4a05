/// @file
/// ComposeTree: a commit with a compose file, and that file as compose would print it.
#pragma once

#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "target/compose/compose_model.hpp"

#include <filesystem>
#include <string>

namespace teal {

class ComposeTree {
public:
  explicit ComposeTree(const std::string& text) : m_text(text) { write("compose.yaml", text); }

  void write(const std::filesystem::path& file, const std::string& text) const {
    std::filesystem::create_directories((root() / file).parent_path());
    write_file(root() / file, text);
  }
  [[nodiscard]] std::filesystem::path root() const { return m_folder.path() / "tree"; }
  [[nodiscard]] ComposeSource source() const { return ComposeSource::read(root(), ""); }

  /// With blue's port 50101; of what compose prints, the file's own text will do, where it says paths in full.
  [[nodiscard]] ComposeModel model() const {
    const ComposeSource read = source();
    std::string text = m_text;
    for (auto at = text.find("TREE"); at != std::string::npos; at = text.find("TREE")) {
      text.replace(at, 4, std::filesystem::canonical(root()).string());
    }
    return read_compose_model({"printed", text}, {.source = read,
                                                  .settings = settings,
                                                  .networks = networks,
                                                  .tree = std::filesystem::canonical(root()),
                                                  .rendered_as = "shop",
                                                  .color_port = 50101});
  }
  /// What is said against it; empty: nothing.
  [[nodiscard]] std::string complaint() const {
    try {
      static_cast<void>(model());
      return "";
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::settings);
      return error.message();
    }
  }

  TargetSettings::Compose settings{};
  std::vector<std::string> networks{};

private:
  TempFolder m_folder;
  std::string m_text;
};

} // namespace teal
