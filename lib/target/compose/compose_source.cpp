#include "target/compose/compose_source.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "target/plan.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_largest = std::size_t{1} << 20U;
constexpr std::array<const char*, 4> k_usual_names{"compose.yaml", "compose.yml", "docker-compose.yml",
                                                   "docker-compose.yaml"};
constexpr const char* k_variables = ".env"; ///< beside the file, read by compose without being named

std::string find_file(const fs::path& tree, const std::string& file) {
  if (!file.empty()) {
    return file;
  }
  for (const char* name : k_usual_names) {
    if (files::is_there(tree / name)) {
      return name;
    }
  }
  throw Error(ErrorKind::settings,
              fmt::format("the commit has none of {}; name its compose file in app.yml: targets.NAME.file",
                          join({k_usual_names.begin(), k_usual_names.end()}, ", ")));
}

class Reader {
public:
  explicit Reader(const fs::path& tree) : m_tree(files::canonical(tree)) {}

  /// All that it leads to, too.
  YamlNode read(const fs::path& path) {
    m_read.insert(path);
    const std::string name = name_of(path);
    YamlNode root = parse_yaml({name, read_file(path, k_largest)}, YamlAliases::skipped);
    require_variables(path.parent_path());
    look_at(root, path);
    return root;
  }

  [[nodiscard]] std::string name_of(const fs::path& path) const { return path.lexically_relative(m_tree).string(); }

  [[nodiscard]] fs::path resolve(const fs::path& relative, const std::string& place, std::string_view key) const {
    try {
      return inside_work_tree(m_tree, relative, key);
    } catch (const Error& error) {
      throw Error(error.kind(), place + error.message());
    }
  }

private:
  void require_variables(const fs::path& folder) const {
    if (files::is_there(folder / k_variables)) {
      static_cast<void>(resolve((folder / k_variables).lexically_relative(m_tree), "", "read by compose"));
    }
  }

  /// A key of that name means the same wherever it stands: it may come to its place by an anchor.
  void look_at(const YamlNode& node, const fs::path& file) {
    for (const YamlNode& child : node.children) {
      if (child.key == "env_file" || child.key == "label_file") {
        require_all(child, file, child.key);
      } else if (child.key == "extends" || child.key == "include") {
        follow(child, file, child.key);
      } else {
        look_at(child, file);
      }
    }
  }

  fs::path require(const YamlNode& path, const fs::path& file, const std::string& key) const {
    const std::string place = fmt::format("{}:{}: ", name_of(file), path.line);
    if (path.text.find('$') != std::string::npos || path.text.find("://") != std::string::npos) {
      throw Error(ErrorKind::settings, fmt::format("{}'{}' ({}) must be a path in the commit, written out", place,
                                                   shorten(printable(path.text), 80), key));
    }
    const fs::path relative = fs::path(path.text).is_absolute()
                                  ? fs::path(path.text).lexically_relative(m_tree)
                                  : file.parent_path().lexically_relative(m_tree) / path.text;
    return resolve(relative, place, key);
  }

  /// A path, a list of these, or maps with them.
  void require_all(const YamlNode& node, const fs::path& file, const std::string& key) const {
    if (node.kind == YamlNode::Kind::scalar) {
      static_cast<void>(require(node, file, key));
    }
    for (const YamlNode& child : node.children) {
      if (child.key.empty() || child.key == "path") {
        require_all(child, file, key);
      }
    }
  }

  /// Further compose files: of `include` paths or maps, of `extends` a service's name, or a map with a file.
  void follow(const YamlNode& node, const fs::path& file, const std::string& key) {
    const bool is_path = key == "include" || key == "file" || key == "path";
    if (node.kind == YamlNode::Kind::scalar && is_path) {
      const fs::path other = require(node, file, key);
      if (!m_read.contains(other)) {
        read(other);
      }
    }
    for (const YamlNode& child : node.children) {
      if (child.key.empty()) {
        follow(child, file, key);
      } else if (child.key == "file" || child.key == "path") {
        follow(child, file, child.key);
      } else if (child.key == "env_file" || child.key == "project_directory") {
        require_all(child, file, child.key);
      }
    }
  }

  fs::path m_tree;
  std::set<fs::path> m_read;
};

} // namespace

ComposeSource ComposeSource::read(const fs::path& tree, const std::string& file) {
  Reader reader(tree);
  ComposeSource source;
  source.m_path = reader.resolve(find_file(tree, file), "", "file");
  source.m_name = reader.name_of(source.m_path);
  source.m_root = reader.read(source.m_path);
  return source;
}

std::string ComposeSource::place(std::string_view section, std::string_view member, std::string_view key) const {
  const YamlNode* node = &m_root;
  for (const std::string_view name : {section, member, key}) {
    const YamlNode* next = node->find(name);
    if (next == nullptr) {
      break;
    }
    node = next;
  }
  return fmt::format("{}:{}", m_name, node->line);
}

} // namespace teal
