#include "deploy/restart.hpp"
#include "support/scripted_home.hpp"

using namespace teal;

TEST_CASE_METHOD(ScriptedHome, "a restart is of what a color runs and of what was deployed last where none is named") {
  CHECK_THROWS_WITH(color_in_use(*m_services, m_store, "shop"), "nothing of 'shop' was deployed yet");
  CHECK_THROWS_WITH(restart_request(*m_services, m_store, "shop", Color::blue),
                    "nothing of 'shop' was deployed to blue yet");
  CHECK(colors_that_run(*m_services, m_store, "shop").empty());
  const Deployment blue = serve(Color::blue);
  const Deployment green = serve(Color::green);
  CHECK(color_in_use(*m_services, m_store, "shop") == Color::green);
  CHECK(colors_that_run(*m_services, m_store, "shop") == std::vector<Color>{Color::green, Color::blue});
  const Request request = restart_request(*m_services, m_store, "shop", Color::blue);
  CHECK(request.is_restart);
  CHECK(request.release == blue.release);
  CHECK(request.destination == Destination(Color::blue));
  CHECK(request.event.new_commit == blue.event.new_commit);
  CHECK(restart_request(*m_services, m_store, "shop", Color::green).release == green.release);
}
