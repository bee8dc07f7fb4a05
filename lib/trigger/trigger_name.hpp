/// @file
/// Trigger name: what a trigger file is called, of what a forge says was pushed.
#pragma once

#include <string>
#include <string_view>

namespace teal {

struct TriggerNameParts {
  std::string_view app;
  std::string_view source;
  std::string_view repository; ///< "owner/name": {owner} is all before the last '/', {repo} what follows it
  std::string_view branch;
};

/// `pattern`, such as "push-{repo}-{branch}", filled in. Of what a sender says A-Z, a-z, 0-9, '.', '_' and '-' are
/// kept,
/// '/' becomes '-', and all else '_': so "release/1" gives "release-1", and two branches may give one name. A name that
/// could not be a trigger file's (hidden, or ending as those that are being written) gets a '_' there. Throws
/// Error(usage) if it is too long.
[[nodiscard]] std::string trigger_file_name(std::string_view pattern, const TriggerNameParts& parts);

} // namespace teal
