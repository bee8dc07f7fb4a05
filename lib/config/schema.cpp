#include "config/schema.hpp"

#include "config/router_kinds.hpp"

#include <chrono>

namespace teal {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t k_most_builds = 64;
constexpr std::int64_t k_most_releases = 1000;
constexpr Milliseconds k_longest_timeout = 10min;
constexpr Milliseconds k_longest_deadline = 1h;
constexpr Milliseconds k_longest_settle = 10min;
constexpr Milliseconds k_longest_memory = 24h * 365 * 10;
constexpr std::int64_t k_most_retries = 20;

const Choices<std::string> k_auth_kinds{{"none", "none"}, {"htpasswd", "htpasswd"}};
const Choices<ServerSettings::Serve::Log> k_log_kinds{{"text", ServerSettings::Serve::Log::text},
                                                      {"json", ServerSettings::Serve::Log::json}};
const Choices<HealthSettings::Kind> k_health_kinds{{"http", HealthSettings::Kind::http},
                                                   {"tcp", HealthSettings::Kind::tcp},
                                                   {"command", HealthSettings::Kind::command}};
const Choices<RouteSettings::Tls> k_tls_kinds{{"none", RouteSettings::Tls::none},
                                              {"automatic", RouteSettings::Tls::automatic}};
const Choices<AppSettings::MovedTags> k_moved_tags{{"deploy", AppSettings::MovedTags::deploy},
                                                   {"keep", AppSettings::MovedTags::keep}};
const Choices<DeploySettings::Order> k_orders{{"build-first", DeploySettings::Order::build_first},
                                              {"stop-first", DeploySettings::Order::stop_first}};

} // namespace

std::vector<SettingKey> schema_of(ServerSettings& settings) {
  auto& [engine, registry, limits, router, serve] = settings;
  return {
      {"engine.host", "where the container engine listens", as::text(engine.host, rule::k_engine_host)},
      {key::k_engine_ca, "of one by TLS: whose its certificate is, a PEM file; empty: whom the host trusts",
       as::text(engine.ca, rule::k_absolute_path_or_none)},
      {key::k_engine_certificate, "ours as its client by TLS, a PEM file",
       as::text(engine.certificate, rule::k_absolute_path_or_none)},
      {key::k_engine_key, "of that certificate, or ssh's", as::text(engine.key, rule::k_absolute_path_or_none)},
      {key::k_engine_known_hosts, "where ssh looks for its host's key; empty: where the user's ssh does",
       as::text(engine.known_hosts, rule::k_absolute_path_or_none)},
      {key::k_engine_address, "of another host, where its ports are reached; empty: as in engine.host",
       as::text(engine.address, rule::k_host_or_none)},
      {"engine.ports", "of another host, for containers behind a router here",
       as::text(engine.ports, rule::k_port_range)},
      {"engine.cli", "its command, for build and pull", as::text(engine.cli, rule::k_program)},
      {"engine.timeout", "a call that it does not answer for so long fails, unless it takes long by nature",
       as::duration(engine.timeout, 1min)},
      {"engine.address_pool", "what apps' networks get their subnets out of, 64 addresses each",
       as::text(engine.address_pool, rule::k_address_pool)},
      {"registry.address", "as the names of images start", as::text(registry.address, rule::k_registry_address)},
      {"registry.listen", "the address that 'tealhook registry up' listens on",
       as::text(registry.listen, rule::k_ip_address)},
      {"registry.auth", "none or htpasswd", as::choice(registry.auth, k_auth_kinds)},
      {"registry.credentials_file", "'user:password' in one line; empty: made by 'tealhook registry up'",
       as::text(registry.credentials_file, rule::k_absolute_path_or_none)},
      {"limits.builds", "builds that may run at once", as::integer(limits.builds, 1, k_most_builds)},
      {"limits.min_free_disk", "below this, nothing is built", as::size(limits.min_free_disk)},
      {key::k_limit_timeout, "the most that a pushed .tealhook.yml may give as health.timeout",
       as::duration(limits.health_timeout, k_longest_timeout)},
      {key::k_limit_deadline, "the same of health.deadline", as::duration(limits.health_deadline, k_longest_deadline)},
      {key::k_limit_settle, "the same of health.settle", as::duration(limits.health_settle, k_longest_settle, true)},
      {"router.kind", router_kinds_in_words(), as::choice(router.kind, router_kinds())},
      {"router.bind", "the address of the ports that apps share", as::text(router.bind, rule::k_ip_address)},
      {"router.listen", "the port that apps share by host name", as::port(router.listen)},
      {"router.tls_listen", "the same with TLS; open only if an app asks for it", as::port(router.tls_listen)},
      {"router.config", "nginx: somebody else's main file, which includes our part; empty: we run our own",
       as::text(router.config, rule::k_absolute_path_or_none)},
      {"serve.listen", "where 'tealhook serve' listens: address:port", as::text(serve.listen, rule::k_listen)},
      {"serve.public_url", "as others reach it; empty: not told", as::text(serve.public_url, rule::k_public_url, true)},
      {key::k_serve_certificate, "of its TLS, a PEM file; empty: no TLS",
       as::text(serve.certificate, rule::k_absolute_path_or_none)},
      {key::k_serve_key, "of the certificate, a PEM file", as::text(serve.key, rule::k_absolute_path_or_none)},
      {"serve.trusted_proxies", "addresses and ranges that are believed when they say whom they ask for",
       as::list(serve.trusted_proxies, rule::k_address_range)},
      {"serve.log", "text or json", as::choice(serve.log, k_log_kinds)},
      {"serve.keep_events", "for so long events, deliveries and deployments are kept, if not gone back to",
       as::duration(serve.keep_events, k_longest_memory)},
  };
}

std::vector<SettingKey> schema_of(AppSettings& settings) {
  auto& [container_port, ports, bind, route, branches, gate, build, health, run, deploy, rules, moved_tags, target,
         targets, sources] = settings;
  constexpr auto k_pushed = SettingKey::Trust::pushed;
  return {
      {"container_port", "what the program listens on, inside; 0: what the image EXPOSEs, else 8080",
       as::port_or_none(container_port)},
      {key::k_blue_port, "the host's port of blue", as::port(ports[Color::blue])},
      {key::k_green_port, "the host's port of green", as::port(ports[Color::green])},
      {"bind", "the host's address that the ports are published on", as::text(bind, rule::k_ip_address)},
      {"route.port", "the port of live traffic; 0: none", as::port_or_none(route.port)},
      {"route.hosts", "host names of live traffic, on the port that apps share",
       as::list(route.hosts, rule::k_host_name)},
      {"route.path", "where its paths begin there", as::text(route.path, rule::k_route_path)},
      {"route.certificate", "of the hosts, a PEM file", as::text(route.certificate, rule::k_absolute_path_or_none)},
      {"route.key", "of the certificate, a PEM file", as::text(route.key, rule::k_absolute_path_or_none)},
      {"route.tls", "automatic: the router gets a certificate by itself (caddy); or none",
       as::choice(route.tls, k_tls_kinds)},
      {"branches", "what a push may deploy", as::list(branches, rule::k_branch, false)},
      {key::k_gate, "true: what is pushed is built first, and refused if that fails", as::flag(gate)},

      {"build.context", "the folder that is built, in the repository", as::text(build.context, rule::k_path_in_tree),
       k_pushed},
      {"build.dockerfile", "in the context", as::text(build.dockerfile, rule::k_path_in_tree), k_pushed},
      {"build.target", "the stage to build; empty: the last", as::text(build.target, rule::k_printable), k_pushed},
      {"build.args", "build arguments: {NAME: value}", as::variables(build.args), k_pushed},

      {key::k_health_kind, "http, tcp or command", as::choice(health.kind, k_health_kinds), k_pushed},
      {"health.path", "asked for over HTTP", as::text(health.path, rule::k_url_path), k_pushed},
      {"health.expect", "the status codes that are healthy", as::status_codes(health.expect), k_pushed},
      {"health.host", "the Host header; empty: localhost", as::text(health.host, rule::k_host_header), k_pushed},
      {key::k_health_command, "run in the container: [program, arguments] or one text for a shell; 0: healthy",
       as::command(health.command), k_pushed},
      {"health.interval", "the longest pause between two probes", as::duration(health.interval, 1min), k_pushed},
      {key::k_health_timeout, "how long one probe may take", as::duration(health.timeout, k_longest_timeout), k_pushed},
      {key::k_health_deadline, "unhealthy for so long: the deployment fails",
       as::duration(health.deadline, k_longest_deadline), k_pushed},
      {key::k_health_settle, "it must stay healthy for so long before it gets traffic",
       as::duration(health.settle, k_longest_settle, true), k_pushed},

      {"run.env", "the program's environment: {NAME: value}", as::secret_variables(run.env), k_pushed},
      {"run.env_file", "more of it: a file of NAME=VALUE lines, relative to this one's folder",
       as::text(run.env_file, rule::k_path_or_none)},
      {"run.volumes", "name:/path or /host/path:/path, then :ro or :rw", as::list(run.volumes, rule::k_volume)},
      {"run.networks", "further networks, which must exist", as::list(run.networks, rule::k_network)},
      {"run.memory", "the most it may use, such as 512MiB; empty: no limit", as::size(run.memory)},
      {"run.cpus", "the most it may use, such as 0.5; empty: no limit", as::processors(run.cpus)},
      {"run.args", "given to the image's entry point", as::list(run.args, rule::k_any_text)},
      {"run.processes", "more of the image: {worker: [program, arguments], or one text for a shell}",
       as::commands(run.processes)},
      {key::k_replicas, "so many containers of a color answer its requests; more than one: with a router",
       as::integer(run.replicas, 1, k_most_replicas)},

      {"deploy.order", "build-first or stop-first", as::choice(deploy.order, k_orders)},
      {"deploy.keep_releases", "how many are kept for a rollback",
       as::integer(deploy.keep_releases, 1, k_most_releases)},
      {"deploy.drain", "what the old container was asked before is waited for so long",
       as::duration(deploy.drain, 1h, true)},
      {"deploy.keep_idle", "true: what was live before runs on, for the way back", as::flag(deploy.keep_idle)},
      {"deploy.before_switch", "run in the new image first: commands, each [its, arguments] or a text for a shell",
       as::command_list(deploy.before_switch)},
      {"deploy.stop_timeout", "between asking the old program to stop and killing it",
       as::duration(deploy.stop_timeout, 1h, true)},
      {"deploy.build_deadline", "a build that takes longer fails, and so does its push to the registry, or a pull",
       as::duration(deploy.build_deadline, 24h)},
      {"deploy.retries", "how often it is tried again after what may pass, such as a registry that is away",
       as::integer(deploy.retries, 0, k_most_retries)},
      {.name = key::k_quiet,
       .doc = "an event waits until no other came for so long; one that is asked for by hand does not wait",
       .binding = as::duration(deploy.quiet, 1h, true),
       .in_template = false},
      {.name = key::k_quiet_longest,
       .doc = "and no longer than this",
       .binding = as::duration(deploy.quiet_longest, 24h),
       .in_template = false},

      {.name = key::k_rules,
       .doc = "which branch or tag goes where; the first that matches wins",
       .groups = as::group_list(rules)},
      {.name = "moved_tags",
       .doc = "deploy: a tag that was moved is deployed as a new one is; or keep",
       .binding = as::choice(moved_tags, k_moved_tags),
       .in_template = false},
      {.name = key::k_target,
       .doc = "how blue and green are run: docker, or the name of a target of kind compose or swarm",
       .binding = as::text(target, rule::k_target),
       .in_template = false},
      {.name = "targets",
       .doc = "other ways to run a release, by name",
       .groups = as::group_map(targets, rule::k_target_name)},
      {.name = "sources", .doc = "where events come from", .groups = as::group_list(sources)},
  };
}

} // namespace teal
