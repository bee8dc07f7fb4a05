#include "api/resources.hpp"
#include "report/json.hpp"

namespace teal::api {

Reply list_releases(Call& call) {
  boost::json::array releases;
  for (const Release& release : call.store.history.releases(call.app(Verb::read))) {
    releases.push_back(to_json(release));
  }
  return json_reply(releases);
}

} // namespace teal::api
