/// @file
/// Explanation: what would become of something that came in, and what each thing that has a say in it says.
#pragma once

#include "model/destination.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

struct Explanation {
  struct Look {
    std::string at;      ///< "signature", "rule 2 (branch main)", "paths"
    std::string verdict; ///< "decides", "no match", …
    std::string why;     ///< in words; may be empty
  };
  std::string what;                       ///< "push of main at 1a2b3c4"
  std::vector<Look> looks;                ///< in the order in which they are asked
  std::optional<Destination> destination; ///< nothing: it is not deployed
  std::string outcome;                    ///< in words
};

} // namespace teal
