#include "config/text_rules.hpp"
#include "support/catch.hpp"

#include <initializer_list>
#include <string>

using namespace teal;

namespace {

void check_allowed(const TextRule& rule, std::initializer_list<const char*> texts) {
  for (const std::string text : texts) {
    INFO(text);
    CHECK(rule.allows(text));
  }
}

void check_refused(const TextRule& rule, std::initializer_list<const char*> texts) {
  for (const std::string text : texts) {
    INFO(text);
    CHECK_FALSE(rule.allows(text));
  }
}

} // namespace

TEST_CASE("addresses to bind are IPv4 or IPv6") {
  check_allowed(rule::k_ip_address, {"0.0.0.0", "127.0.0.1", "::", "::1", "2001:db8::7"});
  check_refused(rule::k_ip_address, {"", "localhost", "256.0.0.1", "1.2.3", "127.0.0.1:80", "[::1]", "127.0.0.1 "});
}

TEST_CASE("paths to probe start with a slash and cannot break out of a request line") {
  check_allowed(rule::k_url_path, {"/", "/health?deep=1", "/a/b#c"});
  check_refused(rule::k_url_path, {"", "health", "/a b", "/a\r\nX: y", "/\x7f"});
}

TEST_CASE("Host headers cannot carry other headers") {
  check_allowed(rule::k_host_header, {"", "shop.example.com", "shop.example.com:8080", "[::1]:80"});
  check_refused(rule::k_host_header, {"a\r\nX: y", "a b", "a/b", "a\n"});
}

TEST_CASE("build paths stay in the tree") {
  check_allowed(rule::k_path_in_tree, {".", "web", "web/app", "docker/Dockerfile.prod", "..name"});
  check_refused(rule::k_path_in_tree, {"", "/etc", "..", "../x", "a/../../b", "a/..", "-f", "a\nb"});
}

TEST_CASE("branches are named as git names them") {
  check_allowed(rule::k_branch, {"main", "release/1.0", "fix-#12", "ü"});
  check_refused(rule::k_branch,
                {"",   "-x",   "a b", "a..b", "a~1", "a^",     "a:b",      "a?", "a*",    "a[",   "a\\b", "/a",
                 "a/", "a//b", ".a",  "a/.b", "a.",  "a.lock", "a.lock/b", "@",  "a@{1}", "a\tb", "a\x7f"});
}

TEST_CASE("variables are named as a shell names them") {
  check_allowed(rule::k_variable, {"A", "_x", "PATH_2"});
  check_refused(rule::k_variable, {"", "2A", "A-B", "A B", "A=", "Ä"});
}

TEST_CASE("volumes are a name or a host's path, a path inside, and a mode") {
  check_allowed(rule::k_volume, {"data:/var/lib/data", "/srv/x:/x", "/srv/x:/x:ro", "data:/x:rw", "d-1_2.3:/x"});
  check_refused(rule::k_volume, {"", "data", "/x", "data:x", "./x:/x", "../x:/x", "/srv/../etc:/x", "data:/x:z",
                                 "data:/", ":/x", "data:", "a:/x:ro:ro", "-v:/x", "data:/x\n"});
}

TEST_CASE("a pool of addresses is a range of a size that apps can share") {
  check_allowed(rule::k_address_pool, {"10.213.0.0/16", "10.0.0.0/8", "192.168.7.0/24", "172.16.0.0/12"});
  check_refused(rule::k_address_pool, {"", "10.213.0.0", "10.213.0.1/16", "10.213.0.0/25", "10.213.0.0/7", "0.0.0.0/8",
                                       "127.0.0.0/8", "224.0.0.0/8", "fd00::/8", "10.213.0.0/016", "10.213.0.0/16 "});
}

TEST_CASE("networks are named as the engine names them") {
  check_allowed(rule::k_network, {"backend", "shop_net-1.2"});
  check_refused(rule::k_network, {"", "-x", "a b", "a/b", "a:b"});
}

TEST_CASE("registry addresses are what the engine takes for a registry, never for Docker Hub") {
  check_allowed(rule::k_registry_address, {"localhost:5000", "localhost", "registry.example.com", "10.0.0.7:5000",
                                           "registry.example.com/team", "r.example.com:5000/a/b-c"});
  check_refused(rule::k_registry_address,
                {"", "team", "team/shop", "http://localhost:5000", "Registry.example.com", "localhost:", "localhost:0",
                 "localhost:70000", "localhost:x", "localhost:5000/", "localhost:5000//a", "localhost:5000/A", "a b.c",
                 ".example.com", "-x:5000"});
}

TEST_CASE("engine hosts have a scheme that is spoken") {
  check_allowed(rule::k_engine_host, {"unix:///var/run/docker.sock", "tcp://10.0.0.7:2375", "http://localhost:2375",
                                      "https://e.example.com:2376", "ssh://deploy@10.0.0.7:22"});
  check_refused(rule::k_engine_host, {"", "/var/run/docker.sock", "unix://", "unix://docker.sock", "ssh://-x", "tcp://",
                                      "http:///x", "tcp://a b", "npipe://x"});
}

TEST_CASE("another host's address and ports are plain") {
  check_allowed(rule::k_host_or_none, {"", "10.0.0.7", "engine.example.com"});
  check_refused(rule::k_host_or_none, {"-x", "a b", "a:80", "a/b"});
  check_allowed(rule::k_port_range, {"52000-52999", "1024-1024"});
  check_refused(rule::k_port_range, {"", "52000", "1-2", "52999-52000"});
}

TEST_CASE("programs and paths on the host are plain") {
  check_allowed(rule::k_program, {"docker", "/usr/bin/docker"});
  check_refused(rule::k_program, {"", "-x", "docker --host x", "a\n"});
  check_allowed(rule::k_absolute_path_or_none, {"", "/etc/tealhook/credentials"});
  check_refused(rule::k_absolute_path_or_none, {"x", "/a/../b", "/a\n"});
  check_allowed(rule::k_path_or_none, {"", "shop.env", "/etc/shop.env"});
  check_refused(rule::k_path_or_none, {"../other/shop.env", "a/../b", "a\n"});
}

TEST_CASE("texts of one line have no control characters") {
  check_allowed(rule::k_printable, {"", "release", "Zürich"});
  check_refused(rule::k_printable, {"a\nb", "\x1b[31m", "a\x7f"});
}

TEST_CASE("patterns of refs are what a name of a branch or a tag can match") {
  check_allowed(rule::k_ref_pattern, {"main", "*", "**", "release/*", "v[0-9]*", "v[^x]", "fix-#1?"});
  check_refused(rule::k_ref_pattern, {"", "a b", "refs/heads/main", "/a", "a/", "-a", "a..b", "a//b", "a:b", "a\\b"});
}

TEST_CASE("patterns of paths are relative") {
  check_allowed(rule::k_path_pattern, {"web/**", "*.md", "**/a b.css"});
  check_refused(rule::k_path_pattern, {"", "/web", "../x", "a\n"});
}

TEST_CASE("paths and names of files are no options and lead nowhere else") {
  check_allowed(rule::k_path, {"secret", "keys/deploy", "/etc/tealhook/key"});
  check_refused(rule::k_path, {"", "-x", "../x", "a\n"});
  check_allowed(rule::k_file_name, {"push-shop-main"});
  check_refused(rule::k_file_name, {"", ".", "..", ".hidden", "a/b", "a\n"});
}

TEST_CASE("names of targets and sources fit everywhere, and are no words of ours") {
  check_allowed(rule::k_target_name, {"site", "my-site2", "blues"});
  check_refused(rule::k_target_name, {"", "blue", "green", "idle", "live", "none", "docker", "2x", "x-", "a_b", "A",
                                      "a23456789a123456789a123456789a123456789a1"});
  check_allowed(rule::k_source_name, {"hub", "blue"});
  check_refused(rule::k_source_name, {"", "a/b", "a b", "a?", "a%20"});
  check_allowed(rule::k_destination, {"blue", "none", "site"});
  check_refused(rule::k_destination, {"", "Blue", "a b"});
  check_allowed(rule::k_target, {"docker", "site"});
  check_refused(rule::k_target, {"", "a.b"});
}

TEST_CASE("services and users are named as their owners name them") {
  check_allowed(rule::k_http_url, {"http://localhost:3000", "https://shop.example.com/up?x=1", "http://[::1]:80/"});
  check_refused(rule::k_http_url, {"", "localhost", "ftp://host/", "http://", "http://user@host/", "http://a b/"});
  check_allowed(rule::k_user, {"www-data", "_apt", "deploy.bot"});
  check_refused(rule::k_user, {"", "-u", "a b", "Root", "#0", "0"});
}

TEST_CASE("what is fetched from is a path, a file, ssh or https, and has no password in it") {
  check_allowed(rule::k_git_url, {"/srv/shop.git", "file:///srv/shop.git", "ssh://git@host/shop.git",
                                  "ssh://git@host:2222/shop", "git@host:shop.git", "host:shop/x.git",
                                  "https://github.com/a/shop", "https://token@host:8443/shop", "ssh://[::1]:22/x"});
  check_refused(rule::k_git_url, {"",
                                  "shop",
                                  "../shop",
                                  "/a/../b",
                                  "http://host/x",
                                  "git://host/x",
                                  "ext::sh -c id",
                                  "ext::id",
                                  "-x",
                                  "--upload-pack=x:y",
                                  "ssh://-oProxyCommand=x/y",
                                  "-o@host:x",
                                  "https://user:hunter2@host/x",
                                  "https://",
                                  "https://host",
                                  "https:///x",
                                  "file://x",
                                  "ssh://host:x/y",
                                  "git@host:a b",
                                  "git@-x:y",
                                  "host:"});
}

TEST_CASE("a repository at a forge is an owner and a name, with groups between them") {
  check_allowed(rule::k_forge_repository, {"ada/shop", "team/web/shop", "Ada-1/shop_2.x"});
  check_refused(rule::k_forge_repository, {"", "shop", "ada/", "/shop", "ada//shop", "ada/../x", "ada/.git",
                                           "ada/sh op", "ada/shop?x", "https://h/a"});
}

TEST_CASE("where the daemon listens is an address and a port") {
  check_allowed(rule::k_listen, {"127.0.0.1:8888", "0.0.0.0:80", "[::]:443"});
  check_refused(rule::k_listen, {"", "8888", ":8888", "localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536",
                                 "::1:80", "[::1]", "[127.0.0.1]:80"});
  check_allowed(rule::k_public_url, {"https://deploy.example.com", "http://10.0.0.1:8888/hooks"});
  check_refused(rule::k_public_url, {"", "deploy.example.com", "https://", "https://x/", "https://a b", "ftp://x",
                                     "https://u@x", "https://x?y", "https://x:y"});
  check_allowed(rule::k_address_range, {"127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8", "::/0"});
  check_refused(rule::k_address_range,
                {"", "proxy", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "10.0.0.0/", "1.2.3/8", "10.0.0.0/8/8"});
}
