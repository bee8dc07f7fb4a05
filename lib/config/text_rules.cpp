#include "config/text_rules.hpp"

#include "core/subnet.hpp"
#include "core/text.hpp"
#include "model/engine_url.hpp"
#include "model/image_reference.hpp"
#include "model/port_range.hpp"
#include "model/trigger_file.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

namespace teal {

namespace {

constexpr std::string_view k_digits = "0123456789";
constexpr std::string_view k_lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view k_upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

bool is_alphanumeric(char c) {
  return is_one_of(c, k_digits) || is_one_of(c, k_lower) || is_one_of(c, k_upper);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

bool has_blank_or_control(std::string_view text) {
  return has_control(text) || contains(text, " ");
}

bool climbs(std::string_view path) {
  const auto components = split(path, '/');
  return std::find(components.begin(), components.end(), "..") != components.end();
}

bool any_text(std::string_view /*text*/) {
  return true;
}

bool printable_text(std::string_view text) {
  return !has_control(text);
}

bool program(std::string_view text) {
  return !text.empty() && text.front() != '-' && !has_blank_or_control(text);
}

bool ip_address(std::string_view text) {
  const std::string terminated(text);
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return ::inet_pton(AF_INET, terminated.c_str(), parsed.data()) == 1 ||
         ::inet_pton(AF_INET6, terminated.c_str(), parsed.data()) == 1;
}

bool url_path(std::string_view text) {
  return text.starts_with('/') && !has_blank_or_control(text);
}

bool host_header(std::string_view text) {
  return !has_blank_or_control(text) && !contains(text, "/");
}

bool host_name(std::string_view text) {
  constexpr std::string_view k_allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  return !text.empty() && text.size() <= 253 && text.find_first_not_of(k_allowed) == std::string_view::npos &&
         text.front() != '.' && text.front() != '-' && text.back() != '.' && text.back() != '-' &&
         !contains(text, "..");
}

bool route_path(std::string_view text) {
  constexpr std::string_view k_allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-";
  return text.starts_with('/') && text.find_first_not_of(k_allowed) == std::string_view::npos &&
         !contains(text, "//") && !climbs(text);
}

bool process_name(std::string_view text) {
  constexpr std::string_view k_allowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !text.empty() && text.size() <= 20 && text.find_first_not_of(k_allowed) == std::string_view::npos &&
         text.front() >= 'a' && text.front() <= 'z' && text.back() != '-' && text != "next" && text != "retired" &&
         text != "task";
}

bool path_in_tree(std::string_view text) {
  return !text.empty() && !is_one_of(text.front(), "/-") && !has_control(text) && !climbs(text);
}

bool absolute_path(std::string_view text) {
  return text.starts_with('/') && !has_control(text) && !climbs(text);
}

bool absolute_path_or_none(std::string_view text) {
  return text.empty() || absolute_path(text);
}

bool path_or_none(std::string_view text) {
  return text.empty() || (!has_control(text) && !climbs(text));
}

/// As git-check-ref-format(1) has it.
bool branch(std::string_view text) {
  const auto components = split(text, '/');
  const bool components_fit = std::none_of(components.begin(), components.end(), [](const std::string& component) {
    return component.empty() || component.front() == '.' || component.ends_with(".lock");
  });
  const bool characters_fit =
      std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) || is_one_of(c, " ~^:?*[\\"); });
  return components_fit && characters_fit && text.front() != '-' && text.back() != '.' && text != "@" &&
         !contains(text, "..") && !contains(text, "@{");
}

bool variable(std::string_view text) {
  return !text.empty() && !is_one_of(text.front(), k_digits) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '_'; });
}

/// A name as the engine takes them for volumes and networks.
bool engine_name(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || is_one_of(c, "_.-"); });
}

bool volume(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) {
    return false;
  }
  const bool mode_fits = parts.size() == 2 || parts[2] == "ro" || parts[2] == "rw";
  return mode_fits && (absolute_path(parts[0]) || engine_name(parts[0])) && absolute_path(parts[1]) && parts[1] != "/";
}

bool port(std::string_view text) {
  return parse_port(text) && text.front() != '0';
}

bool name_component(std::string_view text) {
  const auto fits = [](char c) { return is_one_of(c, k_digits) || is_one_of(c, k_lower); };
  return !text.empty() && fits(text.front()) && fits(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return fits(c) || is_one_of(c, "_.-"); });
}

/// The engine takes "team/shop" for an image of Docker Hub: only a dot, a port or "localhost" makes the first part a
/// host.
bool registry_address(std::string_view text) {
  const std::string_view authority = text.substr(0, text.find('/'));
  const std::string_view host = authority.substr(0, authority.find(':'));
  const bool has_port = host.size() != authority.size();
  const bool names_host = has_port || contains(host, ".") || host == "localhost";
  if (!names_host || !name_component(host) || (has_port && !port(authority.substr(host.size() + 1)))) {
    return false;
  }
  if (authority.size() == text.size()) {
    return true;
  }
  const auto path = split(text.substr(authority.size() + 1), '/');
  return std::all_of(path.begin(), path.end(), name_component);
}

bool engine_host(std::string_view text) {
  return EngineUrl::parse(text).has_value();
}

bool host_or_none(std::string_view text) {
  return text.empty() || (text.front() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
                            return is_alphanumeric(c) || c == '.' || c == '-';
                          }));
}

bool port_range(std::string_view text) {
  return PortRange::parse(text).has_value();
}

/// A range that hosts may have, written as its first address.
bool address_pool(std::string_view text) {
  constexpr std::uint32_t k_loopback = 127;
  constexpr std::uint32_t k_multicast = 224; // and beyond: no host's
  const auto range = Subnet::parse(text);
  const std::uint32_t first = range ? range->base() >> 24U : 0;
  return range && range->text() == text && range->prefix() >= 8 && range->prefix() <= 24 && first > 0 &&
         first != k_loopback && first < k_multicast;
}

bool path(std::string_view text) {
  return !text.empty() && text.front() != '-' && path_or_none(text);
}

bool file_name(std::string_view text) {
  return is_trigger_file_name(text);
}

bool path_pattern(std::string_view text) {
  return !text.empty() && text.front() != '/' && !has_control(text) && !climbs(text);
}

/// What no name of a branch or tag can match is a mistake.
bool ref_pattern(std::string_view text) {
  const bool characters_fit =
      std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) || is_one_of(c, " ~:\\"); });
  return !text.empty() && characters_fit && !is_one_of(text.front(), "/-") && text.back() != '/' &&
         !contains(text, "..") && !contains(text, "@{") && !contains(text, "//") && !text.starts_with("refs/");
}

/// A word as the names of targets and sources are, which are parts of URLs, files and containers.
bool word(std::string_view text) {
  constexpr std::size_t k_longest = 40;
  return !text.empty() && text.size() <= k_longest && is_one_of(text.front(), k_lower) && text.back() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_one_of(c, k_lower) || is_one_of(c, k_digits) || c == '-'; });
}

bool target_name(std::string_view text) {
  constexpr std::array<std::string_view, 6> k_taken{"blue", "green", "idle", "live", "none", "docker"};
  return word(text) && std::find(k_taken.begin(), k_taken.end(), text) == k_taken.end();
}

/// As compose has them.
bool compose_name(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || is_one_of(c, "_.-"); });
}

/// What reaches beyond a container, and can be allowed.
bool compose_key(std::string_view text) {
  constexpr std::array<std::string_view, 19> k_keys{"cap_add",
                                                    "cgroup_parent",
                                                    "container_name",
                                                    "device_cgroup_rules",
                                                    "devices",
                                                    "group_add",
                                                    "ipc",
                                                    "network_mode",
                                                    "oom_score_adj",
                                                    "pid",
                                                    "ports",
                                                    "runtime",
                                                    "security_opt",
                                                    "sysctls",
                                                    "uts",
                                                    "userns_mode",
                                                    "privileged",
                                                    "oom_kill_disable",
                                                    "volumes"};
  return std::find(k_keys.begin(), k_keys.end(), text) != k_keys.end();
}

/// As useradd(8) has them on Debian.
bool user(std::string_view text) {
  constexpr std::size_t k_longest = 32;
  return !text.empty() && text.size() <= k_longest && (is_one_of(text.front(), k_lower) || text.front() == '_') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_one_of(c, k_lower) || is_one_of(c, k_digits) || is_one_of(c, "_-."); });
}

/// Also of one that this host has no name for: of somebody in a container.
bool owner(std::string_view text) {
  const auto uid = parse_integer(text);
  return uid ? *uid >= 0 && *uid < (std::int64_t{1} << 32U) - 1 : user(text);
}

/// A name in which those in braces are filled in.
bool trigger_file_pattern(std::string_view text) {
  constexpr std::array<std::string_view, 5> k_known{"{app}", "{source}", "{owner}", "{repo}", "{branch}"};
  std::string name;
  while (!text.empty()) {
    const auto known =
        std::find_if(k_known.begin(), k_known.end(), [&](std::string_view one) { return text.starts_with(one); });
    if (known == k_known.end() && is_one_of(text.front(), "{}")) {
      return false;
    }
    name += known == k_known.end() ? text.front() : 'x';
    text.remove_prefix(known == k_known.end() ? 1 : known->size());
  }
  return is_trigger_file_name(name);
}

/// "host", "host:22", "user@host" or "[::1]:22".
bool authority(std::string_view text) {
  const std::string_view host = text.substr(std::min(text.rfind('@') + 1, text.size()));
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view name = host.substr(0, colon);
  return !name.empty() && !is_one_of(name.front(), "-.") &&
         (colon == std::string_view::npos || port(host.substr(colon + 1)));
}

/// What comes after the scheme: an authority and a path.
bool remote(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && slash + 1 < text.size() && text.front() != '-' &&
         authority(text.substr(0, slash));
}

/// git's other transports would run commands, or send what is secret for all to read. A password would be in app.yml.
bool git_url(std::string_view text) {
  constexpr std::string_view k_https = "https://";
  constexpr std::string_view k_ssh = "ssh://";
  constexpr std::string_view k_file = "file://";
  if (has_blank_or_control(text)) {
    return false;
  }
  if (text.starts_with(k_https)) {
    const std::string_view rest = text.substr(k_https.size());
    const std::string_view host = rest.substr(0, rest.find('/'));
    return remote(rest) && (!contains(host, "@") || host.find(':') > host.rfind('@'));
  }
  if (text.starts_with(k_ssh)) {
    return remote(text.substr(k_ssh.size()));
  }
  if (text.starts_with(k_file)) {
    return absolute_path(text.substr(k_file.size()));
  }
  const std::size_t colon = text.find(':'); // git@host:path
  const bool as_scp = colon != std::string_view::npos && colon + 1 < text.size() && text.find('/') > colon &&
                      text.front() != '-' && !contains(text, "://") && !contains(text, "::") &&
                      authority(text.substr(0, colon));
  return absolute_path(text) || as_scp;
}

bool listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !port(text.substr(colon + 1))) {
    return false;
  }
  const std::string_view address = text.substr(0, colon);
  const bool in_brackets = address.starts_with('[') && address.ends_with(']');
  return in_brackets ? contains(address, ":") && ip_address(address.substr(1, address.size() - 2))
                     : !contains(address, ":") && ip_address(address);
}

/// "owner/name", with more in between where groups are in groups.
bool forge_repository(std::string_view text) {
  const auto parts = split(text, '/');
  return parts.size() > 1 && text.size() <= 255 && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
           return !part.empty() && part.front() != '.' && std::all_of(part.begin(), part.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    std::string_view("._-").find(c) != std::string_view::npos;
           });
         });
}

bool public_url(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) {
      const std::string_view rest = text.substr(scheme.size());
      return authority(rest.substr(0, rest.find('/'))) && rest.find_first_of("@?#") == std::string_view::npos &&
             text.back() != '/' && !has_blank_or_control(text);
    }
  }
  return false;
}

/// Of a page; a password would be shown.
bool http_url(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) {
      const std::string_view host = text.substr(scheme.size(), text.find('/', scheme.size()) - scheme.size());
      return authority(host) && host.find_first_of("@?#") == std::string_view::npos && !has_blank_or_control(text);
    }
  }
  return false;
}

/// An address, or a range of them.
bool address_range(std::string_view text) {
  const auto parts = split(text, '/');
  const auto bits = parts.size() == 2 ? parse_integer(parts[1]) : std::nullopt;
  const std::int64_t most = contains(text, ":") ? 128 : 32;
  return ip_address(parts[0]) && (parts.size() == 1 || (bits && *bits >= 0 && *bits <= most));
}

} // namespace

namespace rule {

const TextRule k_any_text{any_text, "give a text"};
const TextRule k_printable{printable_text, "give a text without control characters"};
const TextRule k_program{program, "give a program's name or path"};
const TextRule k_ip_address{ip_address, "give an IPv4 or IPv6 address such as 127.0.0.1 or ::"};
const TextRule k_url_path{url_path, "give a path that starts with '/' and has no spaces"};
const TextRule k_host_header{host_header, "give a host name such as shop.example.com"};
const TextRule k_host_name{host_name, "give a host name in lower case such as shop.example.com"};
const TextRule k_route_path{route_path,
                            "give a path that starts with '/', of letters, digits, '/', '.', '_', '~' and '-'"};
const TextRule k_process_name{process_name,
                              "use at most 20 of a-z, 0-9 and '-', a letter first; not 'next', 'retired' or 'task'"};
const TextRule k_path_in_tree{path_in_tree, "give a relative path without '..'"};
const TextRule k_absolute_path_or_none{absolute_path_or_none, "give an absolute path without '..'"};
const TextRule k_path_or_none{path_or_none, "give a path without '..'"};
const TextRule k_branch{branch, "give branch names as git has them, such as main or release/1.0"};
const TextRule k_variable{variable, "use letters, digits and '_', no digit first"};
const TextRule k_volume{volume, "give name:/path or /host/path:/path, with :ro or :rw after it where wanted"};
const TextRule k_network{engine_name, "give the names of networks: letters, digits, '_', '.' and '-'"};
const TextRule k_registry_address{registry_address,
                                  "give host:port or host/path in lower case without a scheme, such as localhost:5000"};
const TextRule k_engine_host{engine_host, "give unix:///path, tcp://host:port, http://host:port, https://host:port or "
                                          "ssh://user@host"};
const TextRule k_host_or_none{host_or_none, "give a host's name or IPv4 address"};
const TextRule k_port_range{port_range, "give a range of ports from 1024 up, such as 52000-52999"};
const TextRule k_address_pool{address_pool,
                              "give a range of IPv4 addresses from a /8 to a /24, such as 10.213.0.0/16 for 1024 apps"};
const TextRule k_path{path, "give a path without '..'"};
const TextRule k_file_name{file_name, "give the name of a file, without a path, no '.' first, not .tmp or .part last"};
const TextRule k_path_pattern{path_pattern, "give patterns of paths in the repository, such as web/** or **/*.css"};
const TextRule k_ref_pattern{ref_pattern,
                             "give a name or a pattern such as main, release/* or v[0-9]*, without 'refs/'"};
const TextRule k_destination{word, "give blue, green, idle, live, none, or the name of a target"};
const TextRule k_target{word, "give docker, or the name of one of the targets"};
const TextRule k_target_name{target_name, "use at most 40 of a-z, 0-9 and '-', a letter first; not 'blue', 'green', "
                                          "'idle', 'live', 'none' or 'docker'"};
const TextRule k_compose_name{compose_name, "give a name of the compose file: letters, digits, '_', '.' and '-'"};
const TextRule k_compose_key{
    compose_key, "give privileged, cap_add, devices, device_cgroup_rules, group_add, security_opt, sysctls, pid, ipc, "
                 "uts, userns_mode, cgroup_parent, runtime, oom_score_adj, oom_kill_disable, network_mode, volumes "
                 "(of the host), or ports or container_name (of what is shared)"};
const TextRule k_source_name{word, "use at most 40 of a-z, 0-9 and '-', a letter first"};
const TextRule k_user{user, "give the name of a user of this host"};
const TextRule k_owner{owner, "give the name of a user of this host, or a uid"};
const TextRule k_trigger_file_pattern{
    trigger_file_pattern,
    "give the name of a file, of which {app}, {source}, {owner}, {repo} and {branch} are filled in"};
const TextRule k_git_url{git_url, "give an absolute path, file:///path, ssh://user@host/path, user@host:path or "
                                  "https://host/path, without a password"};
const TextRule k_forge_repository{forge_repository, "give OWNER/NAME, as it is called at the forge"};
const TextRule k_image{is_image_name, "give registry/name without a tag, such as localhost:5000/ci/shop"};
const TextRule k_listen{listen_address, "give address:port such as 127.0.0.1:8888 or [::1]:8888"};
const TextRule k_public_url{public_url,
                            "give https://host or http://host, with port and path where wanted, no '/' last"};
const TextRule k_http_url{http_url, "give a URL such as http://localhost:3000/up, without a password"};
const TextRule k_address_range{address_range, "give addresses or ranges such as 127.0.0.1, 10.0.0.0/8 or fd00::/8"};

} // namespace rule
} // namespace teal
