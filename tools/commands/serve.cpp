#include "commands/commands.hpp"
#include "serve/daemon.hpp"

namespace teal::tool {

namespace {

using serve::Log;

void run_daemon(Context& context, const std::string& log) {
  const Home home = context.open_home(); // first: it changes the environment
  std::optional<Log::Form> form;
  if (!log.empty()) {
    form = log == "json" ? Log::Form::json : Log::Form::text;
  }
  serve::Daemon daemon({home, context.environment(), Installation::of_this_program(), form}, context.clock());
  static_cast<void>(daemon.run()); // how it ended is in its log
}

} // namespace

void add_serve(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "serve",
      "take deliveries (POST /hook/APP/SOURCE), answer the API (/api/v1), and keep router, registry and runners "
      "alive, until SIGTERM");
  const auto log = std::make_shared<std::string>();
  command->add_option("--log", *log, "what it says on standard error: text or json (else serve.log)")
      ->type_name("FORM")
      ->check(CLI::IsMember({"text", "json"}));
  command->footer("The API is described by GET /api/v1/openapi.json. It also answers GET /healthz, and GET /metrics\n"
                  "for Prometheus. SIGHUP reads the settings anew.\n"
                  "Restarting it loses nothing that was accepted, and disturbs no deployment.\n\n"
                  "Examples:\n  tealhook serve\n  tealhook serve --log json\n"
                  "  curl http://127.0.0.1:8888/healthz");
  command->callback([&context, log] { run_daemon(context, *log); });
}

} // namespace teal::tool
