/// @file
/// Procfile: the processes that a commit says it has, a line "NAME: COMMAND" each, as Heroku and Dokku have it.
#pragma once

#include "config/load.hpp"

#include <string>
#include <vector>

namespace teal {

/// Names with a meaning of their own.
inline constexpr const char* k_web_process = "web";         ///< answers requests
inline constexpr const char* k_release_process = "release"; ///< runs once, before anything of the release serves

struct ProcfileEntry {
  std::string name;
  std::vector<std::string> command; ///< an argument vector; [/bin/sh, -c, LINE] where the line needs a shell
  int line = 1;
};

/// In the file's order; empty lines and those that begin with '#' are none. Words without anything that a shell would
/// make something else of are run as they are, so that the program is the container's first process, also in an image
/// without a shell. Throws Error(settings) "path:line: …" for what is no such line, and for a name that is there twice
/// or cannot be a process's.
[[nodiscard]] std::vector<ProcfileEntry> parse_procfile(const SettingsText& text);

} // namespace teal
