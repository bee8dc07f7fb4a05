#include "git/checkout_index.hpp"

#include "core/descriptor.hpp"
#include "git/system_call.hpp"
#include "process/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace teal::git {

namespace {

using Word = std::uint64_t; // the size of each record is a multiple of its own

constexpr Word k_magic = 0x3178'6469'6c61'6574; // "tealidx1": another layout takes another number

/// What ends the file.
struct Tail {
  Word checksum; ///< of the records
  Word magic;
};

/// What stands before a folder's path and entries.
struct RecordHead {
  std::uint64_t size; ///< of the whole record, this included
  std::uint32_t path_size;
  std::uint32_t file_count;
  std::uint32_t folder_count;
  std::uint32_t unused;
  git_oid tree;
  git_oid attributes;
  FileStat folder;
};

/// What stands before a file's name.
struct FileHead {
  FileStat stat;
  git_oid id;
  std::uint16_t name_size;
  FileKind kind;
  std::uint8_t unused;
};

/// What stands before the name of a folder in the folder.
struct SubfolderHead {
  git_oid id;
  std::uint16_t name_size;
  std::uint16_t is_submodule;
};

// Records are compared as bytes, so there must be none that no member sets.
static_assert(std::has_unique_object_representations_v<RecordHead>);
static_assert(std::has_unique_object_representations_v<FileHead>);
static_assert(std::has_unique_object_representations_v<SubfolderHead>);

template <class T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Takes a T off the front of `bytes`; false if they are too few.
template <class T>
bool take(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof value) {
    return false;
  }
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

bool take(std::string_view& bytes, std::size_t size, std::string_view& text) {
  if (bytes.size() < size) {
    return false;
  }
  text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

/// FNV-1a by words. It tells damage, not malice: who can write the index can write the work tree.
Word add_to_checksum(Word sum, std::string_view bytes) {
  constexpr Word k_prime = 0x0000'0100'0000'01b3;
  Word word = 0;
  while (take(bytes, word)) {
    sum = (sum ^ word) * k_prime;
    sum ^= sum >> 32U;
  }
  return sum;
}

/// The records of a whole index file; none if it is damaged.
std::string_view without_tail(std::string_view bytes) {
  Tail tail{};
  if (bytes.size() < sizeof tail || bytes.size() % sizeof(Word) != 0) {
    return {};
  }
  const auto records = bytes.substr(0, bytes.size() - sizeof tail);
  bytes.remove_prefix(records.size());
  const bool whole = take(bytes, tail) && tail.magic == k_magic && tail.checksum == add_to_checksum(0, records);
  return whole ? records : std::string_view();
}

std::string read_whole(int file, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto length = ::read(file, bytes.data() + have, size - have);
    if (length <= 0) {
      return {};
    }
    have += static_cast<std::size_t>(length);
  }
  return bytes;
}

} // namespace

std::string make_record(const TreeFolder& folder, const FileStat& state, const std::vector<FileStat>& file_states) {
  RecordHead head{};
  head.path_size = static_cast<std::uint32_t>(folder.path.size());
  head.file_count = static_cast<std::uint32_t>(folder.files.size());
  head.folder_count = static_cast<std::uint32_t>(folder.folders.size());
  head.tree = folder.tree;
  head.attributes = folder.attributes;
  head.folder = state;
  std::string bytes;
  append(bytes, head);
  bytes += folder.path;
  for (std::size_t i = 0; i < folder.files.size(); ++i) {
    const auto& file = folder.files[i];
    append(bytes, FileHead{.stat = file_states[i],
                           .id = file.id,
                           .name_size = static_cast<std::uint16_t>(file.name.size()),
                           .kind = file.kind,
                           .unused = 0});
    bytes += file.name;
  }
  for (const auto& subfolder : folder.folders) {
    append(bytes, SubfolderHead{.id = subfolder.id,
                                .name_size = static_cast<std::uint16_t>(subfolder.name.size()),
                                .is_submodule = subfolder.is_submodule});
    bytes += subfolder.name;
  }
  bytes.resize((bytes.size() + sizeof(Word) - 1) / sizeof(Word) * sizeof(Word));
  bytes.shrink_to_fit();
  head.size = bytes.size();
  std::memcpy(bytes.data(), &head, sizeof head);
  return bytes;
}

CheckoutIndex CheckoutIndex::load(const std::filesystem::path& file) {
  CheckoutIndex index;
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!opened || ::fstat(opened.number(), &status) != 0) {
    return index;
  }
  index.m_written = nanoseconds(status.st_mtim);
  index.m_bytes = read_whole(opened.number(), static_cast<std::size_t>(status.st_size));
  const auto records = without_tail(index.m_bytes);
  for (std::string_view rest = records; !rest.empty();) {
    auto inside = rest;
    RecordHead head{};
    std::string_view path;
    if (!take(inside, head) || head.size < sizeof head || head.size > rest.size() ||
        !take(inside, head.path_size, path)) {
      index.m_records.clear();
      break;
    }
    index.m_records.emplace(path, rest.substr(0, head.size));
    rest.remove_prefix(head.size);
  }
  return index;
}

void CheckoutIndex::save(const std::filesystem::path& file, const std::vector<std::string_view>& records) {
  files::create_directories(files::absolute(file).parent_path());
  auto temporary = file;
  temporary += ".new";
  // Not synced to disk: that could wait for every file just written, and a lost or torn index costs time only.
  const Descriptor opened(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!opened) {
    throw_errno("cannot make", temporary.native());
  }
  Tail tail{.checksum = 0, .magic = k_magic};
  for (const auto& record : records) {
    tail.checksum = add_to_checksum(tail.checksum, record);
    write_all(opened.number(), temporary.native(), record);
  }
  write_all(opened.number(), temporary.native(), {reinterpret_cast<const char*>(&tail), sizeof tail});
  if (::rename(temporary.c_str(), file.c_str()) != 0) {
    throw_errno("cannot replace", file.native());
  }
}

std::string_view CheckoutIndex::record(std::string_view path) const {
  const auto found = m_records.find(path);
  return found == m_records.end() ? std::string_view() : found->second;
}

IndexFolder parse_record(std::string_view record) {
  RecordHead head{};
  std::string_view path;
  if (!take(record, head) || !take(record, head.path_size, path)) {
    return {};
  }
  IndexFolder folder{.tree = head.tree, .attributes = head.attributes, .stat = head.folder, .files = {}, .folders = {}};
  folder.files.reserve(head.file_count);
  std::string_view name;
  for (std::uint32_t i = 0; i < head.file_count; ++i) {
    FileHead file{};
    if (!take(record, file) || !take(record, file.name_size, name)) {
      return {};
    }
    folder.files.push_back({.name = name, .kind = file.kind, .id = file.id, .stat = file.stat});
  }
  for (std::uint32_t i = 0; i < head.folder_count; ++i) {
    SubfolderHead subfolder{};
    if (!take(record, subfolder) || !take(record, subfolder.name_size, name)) {
      return {};
    }
    folder.folders.push_back(
        {.name = std::string(name), .id = subfolder.id, .is_submodule = subfolder.is_submodule != 0});
  }
  return folder;
}

} // namespace teal::git
