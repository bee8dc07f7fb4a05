#include "commands/commands.hpp"
#include "config/text_rules.hpp"
#include "serve/receiver.hpp"

namespace teal::tool {

namespace {

using serve::Log;

struct ReceiveOptions {
  std::string folder;
  std::string listen = "127.0.0.1:8889";
  std::string config = "/etc/tealhook/receive.yml";
  std::string log = "text";
};

void run_receiver(const Context& context, const ReceiveOptions& options) {
  serve::Receiver receiver({.folder = options.folder,
                            .config = options.config,
                            .listen = options.listen,
                            .log = options.log == "json" ? Log::Form::json : Log::Form::text},
                           context.clock());
  static_cast<void>(receiver.run()); // how it ended is in its log
}

std::string why_no_address(const std::string& text) {
  return rule::k_listen.allows(text) ? "" : std::string(rule::k_listen.hint);
}

} // namespace

void add_receive(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "receive", "take deliveries (POST /hook/APP/NAME) where there is no engine, and write trigger files");
  const auto options = std::make_shared<ReceiveOptions>();
  command->add_option("--folder", options->folder, "where trigger files are written")->type_name("DIR")->required();
  command->add_option("--listen", options->listen, "where it listens: address:port")
      ->type_name("ADDRESS")
      ->check(why_no_address)
      ->capture_default_str();
  command->add_option("--config", options->config, "its settings: who may send, and by which secret")
      ->type_name("FILE")
      ->capture_default_str();
  command->add_option("--log", options->log, "what it says on standard error: text or json")
      ->type_name("FORM")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer("A file is written under another name, and renamed. 'tealhook serve' on the host looks its name\n"
                  "up (sources of kind file). It needs no home, no engine and no rights: see templates/Dockerfile.\n"
                  "SIGHUP reads the settings anew; SIGTERM ends it once all that has begun is answered.\n"
                  "GET /healthz tells whether it can write.\n\n"
                  "Settings:\n"
                  "  file: push-{repo}-{branch}         # also {app}, {source} and {owner}\n"
                  "  trusted_proxies: [172.16.0.0/12]\n"
                  "  sources:\n"
                  "    - {app: shop, name: hub, forge: github, secret_file: hub.secret, branch: main}\n\n"
                  "Examples:\n"
                  "  tealhook receive --folder /srv/tealhook/drop\n"
                  "  tealhook receive --folder /drop --listen 0.0.0.0:8889 --log json");
  command->callback([&context, options] { run_receiver(context, *options); });
}

} // namespace teal::tool
