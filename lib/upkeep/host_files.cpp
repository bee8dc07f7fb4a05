#include "upkeep/host_files.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "http/hmac.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_mark = "# as tealhook setup wrote it: ";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string sealed(const std::string& text) {
  return text + std::string(k_mark) + http::sha256_hex(text) + '\n';
}

bool is_as_written(const std::string& text) {
  const std::size_t mark = text.rfind(k_mark);
  return mark != std::string::npos && text == sealed(text.substr(0, mark));
}

/// Both read '%' and brackets in a way of their own.
void require_nameable(const fs::path& path) {
  if (path.string().find_first_of("%[] ") != std::string::npos) {
    throw Error(ErrorKind::usage, fmt::format("'{}' cannot be named in files of systemd and logrotate: use no '%', "
                                              "brackets or blanks",
                                              path.string()));
  }
}

HostFile put(const fs::path& path, const std::string& text, bool force) {
  const std::string wanted = sealed(text);
  if (files::is_there(path)) {
    const std::string found = read_file(path);
    if (found == wanted) {
      return {path, HostFile::Fate::same};
    }
    if (!is_as_written(found) && !force) {
      return {path, HostFile::Fate::kept};
    }
  }
  write_file(path, wanted);
  return {path, HostFile::Fate::written};
}

} // namespace

std::string_view to_string(HostFile::Fate fate) noexcept {
  constexpr std::array<std::string_view, 3> k_names{"written", "same", "kept"};
  return k_names.at(static_cast<std::size_t>(fate));
}

std::vector<HostFile> put_host_files(const Installation& installation, const Home& home, const UserEntry& user,
                                     const HostFilesWish& wish) {
  require_nameable(home.root);
  require_nameable(installation.tool());
  const std::array<std::pair<std::string, std::string>, 4> values{
      {{"=tealhook ", fmt::format("={} ", installation.tool().string())},
       {"User=root\n", fmt::format("User={}\n", user.name)},
       {"su root root\n", fmt::format("su {} {}\n", user.name, group_name(user.gid))},
       {Home::k_default, home.root.string()}}};
  std::vector<HostFile> all;
  const auto put_folder = [&](std::string_view name, const fs::path& target) {
    const fs::path folder = installation.templates() / name;
    auto names = files::names_in(folder);
    if (names.empty()) {
      throw Error(ErrorKind::environment, fmt::format("there are no templates in '{}'", folder.string()));
    }
    std::sort(names.begin(), names.end());
    files::create_directories(wish.root / target);
    for (const std::string& file : names) {
      std::string text = read_file(folder / file);
      for (const auto& [from, to] : values) {
        replace_all(text, from, to);
      }
      all.push_back(put(wish.root / target / file, text, wish.force));
    }
  };
  if (wish.systemd) {
    put_folder("systemd", "etc/systemd/system");
  }
  if (wish.logrotate) {
    put_folder("logrotate", "etc/logrotate.d");
  }
  return all;
}

} // namespace teal
