/// @file
/// Temporary names: of files and folders that are made to be renamed or removed, and of which a killed maker leaves
/// none for longer than until the next one of the kind.
#pragma once

#include <filesystem>
#include <string>

namespace teal {

/// "FOLDER/NAME.by-PID.XXXXXX", for mkostemp and mkdtemp. Removes those of NAME there whose maker has died.
[[nodiscard]] std::string temporary_name(const std::filesystem::path& folder, const std::string& name);
/// Only the latter.
void remove_temporaries_of_the_dead(const std::filesystem::path& folder, const std::string& name);

} // namespace teal
