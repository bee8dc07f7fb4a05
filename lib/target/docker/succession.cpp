#include "target/docker/succession.hpp"

namespace teal {

namespace {

bool may_serve(const Claimant& claimant) {
  return claimant.is_there && !claimant.has_failed;
}

bool serves(const Claimant& claimant) {
  return claimant.is_there && claimant.gets_requests;
}

} // namespace

std::optional<Place> heir_of(const Claims& claims) {
  // A switch that was cut short may have left requests to go to both: the newer one was proven before.
  if (serves(claims.next)) {
    return Place::next;
  }
  if (serves(claims.current)) {
    return Place::current;
  }
  if (serves(claims.retired)) {
    return Place::retired;
  }
  if (may_serve(claims.current)) {
    return Place::current;
  }
  if (may_serve(claims.next) && claims.retired.is_there && !claims.current.is_there) {
    return Place::next;
  }
  return claims.retired.is_there ? std::optional(Place::retired) : std::nullopt;
}

} // namespace teal
