/// @file
/// Schema: the texts of schema.sql and of what later versions changed, compiled in.
#pragma once

namespace teal {

extern const char* const k_schema;
extern const char* const k_schema_2;
extern const char* const k_schema_4;

} // namespace teal
