#include "git/digest.hpp"

#include "git/libgit2.hpp"

namespace teal::git {

std::string digest_of(std::string_view text) {
  start_libgit2();
  git_oid id{};
  require(git_odb_hash(&id, text.data(), text.size(), GIT_OBJECT_BLOB), "cannot hash a text");
  return to_hex(id);
}

} // namespace teal::git
