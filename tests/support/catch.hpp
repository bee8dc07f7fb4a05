/// @file
/// Catch2, version 2 or 3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Matchers::ContainsSubstring;
#define SKIP_TEST(reason) SKIP(reason)
#else
#include <catch2/catch.hpp>
/// Leaves the test: what it is about cannot be tried here. Its process exits with k_skipped, which ctest shows.
#define SKIP_TEST(reason)                                                                                              \
  do {                                                                                                                 \
    WARN("skipped: " << (reason));                                                                                     \
    SUCCEED();                                                                                                         \
    teal::g_is_skipped = true;                                                                                         \
    return;                                                                                                            \
  } while (false)
namespace teal {
inline constexpr int k_skipped = 4; ///< as Catch2 3 has it
inline bool g_is_skipped = false;
} // namespace teal
inline auto ContainsSubstring(const std::string& text) {
  return Catch::Matchers::Contains(text);
}
#endif
