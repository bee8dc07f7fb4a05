/// @file
/// Resources: one file for each kind of thing, with a function for each thing that can be asked of it.
#pragma once

#include "api/call.hpp"

namespace teal::api {

Reply show_openapi(Call& call);

Reply list_apps(Call& call);
Reply create_app(Call& call);
Reply show_app(Call& call);
Reply remove_app(Call& call);

Reply show_settings(Call& call);
Reply patch_settings(Call& call);
Reply replace_settings(Call& call);

Reply show_status(Call& call);
Reply show_history(Call& call);
Reply show_plan(Call& call);
Reply list_releases(Call& call);

Reply deploy(Call& call);
Reply deploy_named(Call& call);
Reply list_deployments(Call& call);
Reply show_deployment(Call& call);
Reply cancel_deployment(Call& call);
Reply retry_deployment(Call& call);

Reply show_log(Call& call);
Reply follow_deployment(Call& call);

Reply list_queue(Call& call);
Reply pause(Call& call);
Reply resume(Call& call);

Reply list_events(Call& call);
Reply show_event(Call& call);

Reply switch_traffic(Call& call);
Reply go_back(Call& call);
Reply scale(Call& call);
Reply spawn(Call& call);
Reply destroy(Call& call);
Reply freeze(Call& call);
Reply unfreeze(Call& call);

Reply show_audit(Call& call);

} // namespace teal::api
