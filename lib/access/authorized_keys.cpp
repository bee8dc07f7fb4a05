#include "access/authorized_keys.hpp"

#include "core/error.hpp"
#include "core/shell_words.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr mode_t k_folder_mode = 0700;
constexpr mode_t k_file_mode = 0600;
constexpr std::chrono::seconds k_patience{10}; ///< with others who add a key

std::string first_mark(const Home& home) {
  return fmt::format("# tealhook {}: begin; 'tealhook key' writes what is between these two lines", home.root.string());
}

std::string last_mark(const Home& home) {
  return fmt::format("# tealhook {}: end", home.root.string());
}

/// Where a line that is `mark` begins, from `start` on.
std::optional<std::size_t> find_line(std::string_view text, const std::string& mark, std::size_t start = 0) {
  for (auto at = text.find(mark, start); at != std::string_view::npos; at = text.find(mark, at + 1)) {
    const std::size_t end = at + mark.size();
    if ((at == 0 || text[at - 1] == '\n') && (end == text.size() || text[end] == '\n')) {
      return at;
    }
  }
  return std::nullopt;
}

[[noreturn]] void refuse_lone_mark(std::string_view text, std::size_t at) {
  throw Error(ErrorKind::settings,
              fmt::format("line {} of authorized_keys is one of two marks of tealhook's, and the other is not where it "
                          "should be; remove both, and all between them, then try again",
                          std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1));
}

struct Part {
  std::size_t begin;
  std::size_t end; ///< behind its last line feed
};

std::optional<Part> find_part(std::string_view text, const Home& home) {
  const auto first = find_line(text, first_mark(home));
  const auto last = find_line(text, last_mark(home));
  if (!first && !last) {
    return std::nullopt;
  }
  if (!first || !last || *last < *first) {
    refuse_lone_mark(text, first.value_or(last.value_or(0)));
  }
  const std::size_t end = std::min(*last + last_mark(home).size() + 1, text.size());
  for (const auto& again : {find_line(text, first_mark(home), *first + 1), find_line(text, last_mark(home), end)}) {
    if (again) {
      refuse_lone_mark(text, *again);
    }
  }
  return Part{*first, end};
}

/// In which sshd of its own accord reads nothing that others could have written (StrictModes).
void make_private_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), k_folder_mode) != 0 && errno != EEXIST) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot make the folder '{}': {}", folder.string(), system_reason(errno)));
  }
  std::error_code unknown;
  const auto others = fs::perms::group_write | fs::perms::others_write;
  if ((fs::status(folder, unknown).permissions() & others) != fs::perms::none) {
    files::set_permissions(folder, fs::perms(k_folder_mode));
  }
}

FileLock lock(const fs::path& folder) {
  make_private_folder(folder);
  auto held = FileLock::acquire_any({folder / ".tealhook.lock"}, k_patience);
  if (!held) {
    throw Error(ErrorKind::busy, fmt::format("somebody else changes the keys in '{}'; try again", folder.string()));
  }
  return std::move(*held);
}

/// The file that a link leads to is the one to change.
fs::path resolve(const fs::path& file) {
  std::error_code missing;
  fs::path real = fs::canonical(file, missing);
  return missing ? file : real;
}

} // namespace

std::string authorized_line(const fs::path& tool, const Home& home, const AuthorizedKey& key) {
  const std::string command =
      fmt::format("{} --home {} keyed {}", quote_word(tool.string()), quote_word(home.root.string()), key.name);
  if (printable(command) != command) {
    throw Error(ErrorKind::usage, fmt::format("'{}' cannot be called by sshd: its path has control characters",
                                              printable(tool.string())));
  }
  std::string quoted;
  for (const char c : command) {
    quoted += c == '"' ? "\\\"" : std::string(1, c);
  }
  return fmt::format("restrict,command=\"{}\" {} tealhook:{}", quoted, key.text, key.name);
}

std::string with_our_part(std::string_view text, const Home& home, const std::vector<std::string>& lines) {
  const auto part = find_part(text, home);
  std::string before(text.substr(0, part ? part->begin : text.size()));
  const std::string_view after = text.substr(part ? part->end : text.size());
  if (lines.empty()) {
    return before.append(after);
  }
  if (!before.empty() && before.back() != '\n') {
    before += '\n';
  }
  return fmt::format("{}{}\n{}\n{}\n{}", before, first_mark(home), join(lines, "\n"), last_mark(home), after);
}

AuthorizedKeys::AuthorizedKeys(const fs::path& user_folder, const Home& home)
    : m_home(home), m_file(user_folder / ".ssh/authorized_keys"), m_lock(lock(m_file.parent_path())) {
  m_file = resolve(m_file);
  m_text = files::exists(m_file) ? read_file(m_file) : "";
  static_cast<void>(find_part(m_text, m_home));
}

void AuthorizedKeys::write(const fs::path& tool, const std::vector<AuthorizedKey>& keys) {
  std::vector<std::string> lines;
  std::transform(keys.begin(), keys.end(), std::back_inserter(lines),
                 [&](const AuthorizedKey& key) { return authorized_line(tool, m_home, key); });
  m_text = with_our_part(m_text, m_home, lines);
  write_file(m_file, m_text, k_file_mode);
}

} // namespace teal
