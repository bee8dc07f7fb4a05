/// @file
/// Schema: the texts of schema.sql and of the migrations after it, found and compiled in by the build.
#pragma once

#include <span>

namespace teal {

/// The SQL that makes version N of version N-1 stands at N-1. Append a file; never edit one that was released.
extern const std::span<const char* const> k_schemas;

} // namespace teal
