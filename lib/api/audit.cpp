#include "api/resources.hpp"
#include "report/json.hpp"

namespace teal::api {

Reply show_audit(Call& call) {
  constexpr std::size_t k_usual = 50;
  constexpr std::size_t k_most = 1000;
  const auto app = call.parameter("app");
  call.require_permission(Verb::manage, app ? std::string_view(*app) : Grant::k_any_app);
  boost::json::array actions;
  for (const Action& action : call.store.actions.audit(app, call.limit(k_usual, k_most))) {
    actions.push_back(to_json(action));
  }
  return json_reply(actions);
}

} // namespace teal::api
