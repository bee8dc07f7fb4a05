/// @file
/// Succession: which of a slot's containers is to be the current one, told from what is there and who gets requests.
///
/// Invariant: what gets requests is the current one, whatever it is called; and what has no successor stays.
#pragma once

#include <optional>

namespace teal {

/// What a container of a slot is called as.
enum class Place { current, next, retired };

struct Claimant {
  bool is_there = false;
  bool gets_requests = false; ///< a router sends it some, or it belongs to the container that does
  bool has_failed = false;    ///< of the deployment that is being undone
};

struct Claims {
  Claimant current;
  Claimant next;
  Claimant retired; ///< of several, the one that gets requests, else the newest
};

/// Nothing where there is none, or only what was not proven or has failed. A successor is only proven if the current
/// one gave up its name to it, or if it gets requests.
[[nodiscard]] std::optional<Place> heir_of(const Claims& claims);

} // namespace teal
