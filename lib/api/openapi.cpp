#include "api/openapi.hpp"

#include "api/resources.hpp"
#include "http/message.hpp"

namespace teal::api {

Reply show_openapi(Call& /*call*/) {
  return http::json_response(200, std::string(openapi_text()));
}

} // namespace teal::api
