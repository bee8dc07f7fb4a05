#include "api/accepted.hpp"

#include "api/problem.hpp"
#include "report/json.hpp"

#include <fmt/format.h>

namespace teal::api {

Reply accepted(const Deployment& deployment) {
  const std::string place = fmt::format("/api/v1/deployments/{}", deployment.id);
  const bool is_held =
      deployment.status == Status::cancelled && !deployment.started && !is_cancelled_by_hand(deployment);
  if (is_held) {
    throw Problem(409, fmt::format("'{}' is frozen: deployment {} is kept, and not deployed", deployment.event.app,
                                   deployment.id))
        .with("Location", place)
        .with_member("deployment", deployment.id);
  }
  Reply reply = json_reply(to_json(deployment), 202);
  reply.response.headers.add("Location", place);
  return reply;
}

} // namespace teal::api
