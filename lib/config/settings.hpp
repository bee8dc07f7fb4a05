/// @file
/// Settings: every key of tealhook.yml and app.yml once, as plain values with their defaults.
///
/// Their YAML names, docs and limits stand beside each other in schema.cpp; load.hpp reads files into them.
#pragma once

#include "core/clock.hpp"
#include "model/color.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct ServerSettings {
  struct Engine {
    std::string host = "unix:///var/run/docker.sock"; ///< as EngineUrl reads it
    std::string ca;          ///< whom the certificate of one by TLS comes from; empty: those this host trusts
    std::string certificate; ///< ours, as its client, with its key; files are absolute
    std::string key;         ///< or ssh's
    std::string known_hosts; ///< ssh's; empty: the user's own
    std::string address; ///< of another host, where what is published there is reached from here; empty: as in `host`
    std::string ports = "52000-52999"; ///< of another host, for containers behind a router here
    std::string cli = "docker";
    Milliseconds timeout{45'000};               ///< what the engine does not answer within it has failed
    std::string address_pool = "10.213.0.0/16"; ///< of the subnets that apps get: 1024 of 64 addresses
  };
  struct Registry {
    std::string address = "localhost:5000"; ///< as image names start
    std::string listen = "127.0.0.1";       ///< address that `registry up` listens on
    std::string auth = "none";              ///< none | htpasswd
    std::string credentials_file;           ///< "user:password" in one line; empty: the one `registry up` made, if any
  };
  struct Limits {
    std::int64_t builds = 2;
    std::uint64_t min_free_disk = std::uint64_t{1} << 30U; ///< bytes
    /// The most that a pushed file may make a deployment wait for.
    Milliseconds health_timeout{30'000};
    Milliseconds health_deadline{300'000};
    Milliseconds health_settle{60'000};
  };
  struct Router {
    enum class Kind {
      none,
#define TEAL_ROUTER_KIND(name) name,
#include "config/router_kinds.def"
    };
    Kind kind = Kind::none;
    std::string bind = "0.0.0.0";    ///< address of the shared ports
    std::uint16_t listen = 8080;     ///< the port that apps share by host name
    std::uint16_t tls_listen = 8443; ///< the same with TLS; open only if an app asks for it
    std::string config;              ///< nginx: somebody else's main file that includes our part; empty: we run our own
  };
  /// The daemon.
  struct Serve {
    enum class Log { text, json };
    std::string listen = "127.0.0.1:8888";
    std::string public_url;  ///< as forges reach it, without a '/' at its end; empty: not told
    std::string certificate; ///< PEM files, absolute; both or none
    std::string key;
    std::vector<std::string> trusted_proxies; ///< addresses and ranges whose X-Forwarded-For is believed
    Log log = Log::text;
    Milliseconds keep_events{std::chrono::hours(24) * 90}; ///< what came in is forgotten after so long
  };
  Engine engine;
  Registry registry;
  Limits limits;
  Router router;
  Serve serve;
};

/// Codes that count as healthy: "200-399", "200,204", "200-299,404".
struct StatusCodes {
  struct Range {
    int first = 0;
    int last = 0;
    bool operator==(const Range&) const = default;
  };
  std::vector<Range> ranges{{200, 399}};
  [[nodiscard]] bool contains(int code) const;
  bool operator==(const StatusCodes&) const = default;
};

struct HealthSettings {
  enum class Kind { http, tcp, command };
  Kind kind = Kind::http; ///< `command` where a command is given
  std::string path = "/";
  StatusCodes expect;
  Milliseconds interval{100}; ///< the longest pause between probes; they start at 25 ms and back off to it
  Milliseconds timeout{2000};
  Milliseconds deadline{60'000};
  Milliseconds settle{0};           ///< it must stay healthy for so long
  std::string host;                 ///< the Host header of the probe; empty: "localhost"
  std::vector<std::string> command; ///< run in the container; a text is given to /bin/sh -c
  bool is_told = false;             ///< what is asked is the settings' or app.json's, and no HEALTHCHECK of the image
};

struct BuildSettings {
  std::string context = ".";
  std::string dockerfile = "Dockerfile"; ///< inside the context
  std::string target;
  std::map<std::string, std::string> args;
};

struct RunSettings {
  std::map<std::string, std::string> env;
  std::string env_file;              ///< on the host: lines NAME=VALUE
  std::vector<std::string> volumes;  ///< "name:/path" or "/host/path:/path[:ro]"
  std::vector<std::string> networks; ///< further networks, which must exist
  std::uint64_t memory = 0;          ///< bytes; 0: no limit
  double cpus = 0;                   ///< 0: no limit
  std::vector<std::string> args;     ///< the command given to the image's entry point
  std::vector<std::string> web;      ///< of a Procfile, in place of the image's own command; no key says it
  /// Further processes of the app, from the same image: the command of each, by name. They answer no requests.
  std::map<std::string, std::vector<std::string>> processes;
  std::int64_t replicas = 1; ///< so many containers of a color answer its requests
};

struct DeploySettings {
  enum class Order { build_first, stop_first };
  Order order = Order::build_first;
  std::int64_t keep_releases = 5;
  Milliseconds drain{10'000}; ///< what the old container was asked before is waited for so long
  Milliseconds stop_timeout{10'000};
  bool keep_idle = true;                               ///< what was live before runs on, for the way back
  std::vector<std::vector<std::string>> before_switch; ///< commands run in the new image before it is started
  Milliseconds build_deadline{1'800'000};
  Milliseconds quiet{0};               ///< an event waits until no other came for so long
  Milliseconds quiet_longest{600'000}; ///< and no longer than this
  std::int64_t retries = 3;            ///< of what failed for a cause that may pass
};

/// Which branch or tag goes where; the first rule that matches wins.
struct RuleSettings {
  std::string branch; ///< a glob; empty: a rule of tags
  std::string tag;    ///< a glob; empty: a rule of branches
  std::string deploy; ///< blue, green, idle, live, none, or a target's name
};

/// How a release is run, where not as a container on the engine. Of the parts, the kind's is set.
struct TargetSettings {
  enum class Kind { command, git, compose, swarm };
  struct Command {
    enum class Switch { after, before };
    std::vector<std::string> run; ///< an argument vector
    std::string user;             ///< empty: the one that tealhook runs as
    Milliseconds deadline{600'000};
    std::string directory; ///< where it runs: absolute, or in the checked out commit; empty: there
    std::map<std::string, std::string> env;
    std::vector<std::string> shared; ///< paths in the commit that outlast releases; with '/' last: of a folder
    Switch switch_ = Switch::after;  ///< when `current` leads to the release: once `run` ended well, or before it runs
  };
  struct Git {
    std::string url;
    std::string branch = "main"; ///< of that remote
    std::string token_file;
    std::string key; ///< an SSH key's file
    std::string known_hosts;
    bool force = false; ///< what the branch has is given up
    Milliseconds deadline{1'800'000};
  };
  /// Colors as compose projects.
  struct Compose {
    std::string file;                ///< in the commit; empty: where compose looks for one
    std::string service = "web";     ///< the one that answers requests
    std::vector<std::string> shared; ///< services, volumes and networks that both colors have in common
    std::vector<std::string> allow;  ///< keys of the file that reach beyond the containers
  };
  /// Colors as services of the Swarm that the engine is a manager of.
  struct Swarm {
    std::int64_t replicas = 1;            ///< of each color
    std::vector<std::string> constraints; ///< which nodes they may run on, as `docker service create` has them
  };
  struct Health {
    std::string url; ///< empty: nothing is asked
    StatusCodes expect;
    Milliseconds interval{250};
    Milliseconds timeout{2000};
    Milliseconds deadline{60'000};
    Milliseconds settle{0};
  };
  Kind kind = Kind::command;
  Command command;
  Git git;
  Compose compose;
  Swarm swarm;
  Health health;

  /// Whether it is how blue and green are run, and so no place beside them.
  [[nodiscard]] bool has_colors() const { return kind == Kind::compose || kind == Kind::swarm; }
};

/// "command", "git", "compose", "swarm".
[[nodiscard]] std::string_view to_string(TargetSettings::Kind kind) noexcept;

/// Where events come from. Which members count is the kind's matter: see schema_of.
struct SourceSettings {
  enum class Kind { webhook, poll, file, registry };
  enum class Forge { github, gitea, gitlab, bitbucket, generic };
  std::string name;
  Kind kind = Kind::webhook;
  Forge forge = Forge::generic;
  std::string url;                ///< where the commit is fetched from; empty: the app's own repositories
  std::string secret_file;        ///< of the sender
  std::string old_secret_file;    ///< the one before, good while the secret changes; empty: none
  std::vector<std::string> paths; ///< globs: only a change of one of these counts; empty: any change
  std::string branch;             ///< of a webhook a glob, where empty: any; else a branch's name
  std::string tag;                ///< a glob
  std::string image;              ///< without a tag; empty: the app's own, in our registry
  Milliseconds interval{60'000};
  std::string key; ///< an SSH key's file
  std::string known_hosts;
  std::string token_file; ///< of an https url, and of the forge's API: "TOKEN" or "USER:TOKEN" in one line
  std::string folder;
  std::string file;       ///< a trigger file's name in the folder
  std::string repo;       ///< "owner/name" at the forge, whose API is asked about it; empty: none is
  std::string api;        ///< where that is; empty: the forge's own
  std::string public_url; ///< as the forge reaches us; empty: serve.public_url
  bool statuses = true;   ///< with `repo`, the forge is told what becomes of commits
  std::string owner;      ///< who may put it there beside root, ourselves and the folder's owner: a name or a number
  bool redeploy = false;  ///< a trigger file deploys a commit that was asked for last once more
};

/// Where live traffic comes in, with a router.
struct RouteSettings {
  enum class Tls { none, automatic };
  std::uint16_t port = 0;         ///< the live port; 0: none
  std::vector<std::string> hosts; ///< names on the router's shared ports
  std::string path = "/";         ///< where it begins there
  std::string certificate;        ///< PEM files of `hosts`, absolute; both or none
  std::string key;
  Tls tls = Tls::none; ///< automatic: the router gets a certificate by itself (caddy)
};

/// Of an app's 30 addresses for what a router knows (see Networks), two colors have so many each, and a successor.
inline constexpr std::int64_t k_most_replicas = 10;

/// What a program listens on where neither settings nor image say it; PORT tells it so.
inline constexpr std::uint16_t k_usual_port = 8080;

struct AppSettings {
  std::uint16_t container_port = 0;     ///< 0: what the image EXPOSEs, else k_usual_port
  std::map<Color, std::uint16_t> ports; ///< the host's, one a color
  std::string bind = "0.0.0.0";
  RouteSettings route;
  std::vector<std::string> branches{"main", "master"};
  bool gate = false; ///< a push whose build fails is refused
  BuildSettings build;
  HealthSettings health;
  RunSettings run;
  DeploySettings deploy;
  std::vector<RuleSettings> rules;
  enum class MovedTags { deploy, keep };
  MovedTags moved_tags = MovedTags::deploy; ///< what becomes of a tag that leads to another commit than before
  std::string target = "docker";            ///< how blue and green are run
  std::map<std::string, TargetSettings> targets;
  std::vector<SourceSettings> sources;

  /// What a color runs; else a compose file says what is built and run.
  [[nodiscard]] bool is_one_image() const;
};

/// `tealhook receive`: the file that --config names.
struct ReceiverSettings {
  struct Source {
    std::string app;
    std::string name;
    SourceSettings::Forge forge = SourceSettings::Forge::generic;
    std::string secret_file;     ///< of the sender; relative to the settings' folder
    std::string old_secret_file; ///< the one before, good while the secret changes; empty: none
    std::string branch;          ///< a glob of those that count; empty: all
  };
  std::string file = "push-{repo}-{branch}"; ///< what trigger files are called
  std::vector<std::string> trusted_proxies;  ///< addresses and ranges whose X-Forwarded-For is believed
  std::vector<Source> sources;
};

} // namespace teal
