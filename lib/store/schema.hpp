/// @file
/// Schema: the text of schema.sql, compiled in.
#pragma once

namespace teal {

extern const char* const k_schema;

} // namespace teal
