/// @file
/// libgit2's handles and errors, in the terms of this code base. Private to lib/git.
#pragma once

#include "core/error.hpp"

#include <git2.h>

#include <memory>
#include <string>

namespace teal::git {

template <auto free_handle>
struct FreeHandle {
  template <class T>
  void operator()(T* handle) const {
    free_handle(handle);
  }
};

using RepositoryHandle = std::unique_ptr<git_repository, FreeHandle<&git_repository_free>>;
using ObjectHandle = std::unique_ptr<git_object, FreeHandle<&git_object_free>>;
using CommitHandle = std::unique_ptr<git_commit, FreeHandle<&git_commit_free>>;
using TreeHandle = std::unique_ptr<git_tree, FreeHandle<&git_tree_free>>;
using TreeEntryHandle = std::unique_ptr<git_tree_entry, FreeHandle<&git_tree_entry_free>>;
using BlobHandle = std::unique_ptr<git_blob, FreeHandle<&git_blob_free>>;
using ConfigHandle = std::unique_ptr<git_config, FreeHandle<&git_config_free>>;
using DiffHandle = std::unique_ptr<git_diff, FreeHandle<&git_diff_free>>;
using OdbHandle = std::unique_ptr<git_odb, FreeHandle<&git_odb_free>>;
using OdbObjectHandle = std::unique_ptr<git_odb_object, FreeHandle<&git_odb_object_free>>;
using FilterListHandle = std::unique_ptr<git_filter_list, FreeHandle<&git_filter_list_free>>;

/// A git_buf that is disposed of.
class Buffer {
public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { git_buf_dispose(&m_buffer); }

  [[nodiscard]] git_buf* get() { return &m_buffer; }
  [[nodiscard]] std::string_view view() const { return {m_buffer.ptr, m_buffer.size}; }

private:
  git_buf m_buffer = GIT_BUF_INIT;
};

/// Readies libgit2 for this process, once. Each function that makes a first handle calls it.
void start_libgit2();

/// Throws an Error "`failed`: libgit2's reason" if `result`, which a libgit2 function has just returned, is negative.
void require(int result, const std::string& failed, ErrorKind kind = ErrorKind::environment);

[[nodiscard]] std::string to_hex(const git_oid& id);
/// Throws Error(settings) unless `hex` is 40 hex digits.
[[nodiscard]] git_oid parse_id(const std::string& hex);

} // namespace teal::git
