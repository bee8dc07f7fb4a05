/// @file
/// FileControl: what the matrix and the programs it watches share, in a mapped file. Zero: nobody is stopped.
#pragma once

#include <atomic>
#include <cstdint>

namespace teal {

struct FileControl {
  std::atomic<std::int32_t> count;  ///< changes of files so far
  std::atomic<std::int32_t> target; ///< before this one, from 1, the matrix is told
};

} // namespace teal
