/// @file
/// TextRule: what a text in the settings may be.
#pragma once

#include <string_view>

namespace teal {

/// What is allowed, and, for the message, what to give instead: "give …".
struct TextRule {
  bool (*allows)(std::string_view);
  const char* hint;
};

namespace rule {

extern const TextRule k_any_text; ///< line feeds and all
extern const TextRule k_printable;
extern const TextRule k_program;
extern const TextRule k_ip_address;
extern const TextRule k_url_path;
extern const TextRule k_host_header;
extern const TextRule k_host_name;
extern const TextRule k_route_path;
extern const TextRule k_process_name;
extern const TextRule k_path_in_tree;
extern const TextRule k_absolute_path_or_none;
extern const TextRule k_path_or_none;
extern const TextRule k_branch;
extern const TextRule k_variable;
extern const TextRule k_volume;
extern const TextRule k_network;
extern const TextRule k_registry_address;
extern const TextRule k_engine_host;
extern const TextRule k_host_or_none;
extern const TextRule k_port_range;
extern const TextRule k_address_pool;
extern const TextRule k_path;
extern const TextRule k_file_name;
extern const TextRule k_path_pattern;
extern const TextRule k_ref_pattern;
extern const TextRule k_destination;  ///< of a rule: whether it is there is another question
extern const TextRule k_target;       ///< the same of what runs colors
extern const TextRule k_target_name;  ///< of one that is defined
extern const TextRule k_compose_name; ///< of a service, volume or network
extern const TextRule k_compose_key;  ///< that a pushed file may be allowed
extern const TextRule k_source_name;
extern const TextRule k_user;
extern const TextRule k_owner; ///< a user, or a uid
extern const TextRule k_trigger_file_pattern;
extern const TextRule k_git_url;
extern const TextRule k_forge_repository;
extern const TextRule k_image;
extern const TextRule k_listen;
extern const TextRule k_public_url;
extern const TextRule k_http_url;
extern const TextRule k_address_range;

} // namespace rule
} // namespace teal
