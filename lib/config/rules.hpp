/// @file
/// Rules: what a text in the settings may be.
#pragma once

#include <string_view>

namespace teal {

/// A rule and, for the message, what to give instead: "give …".
struct Rule {
  bool (*allows)(std::string_view);
  const char* hint;
};

namespace rule {

extern const Rule k_any_text; ///< line feeds and all
extern const Rule k_printable;
extern const Rule k_program;
extern const Rule k_ip_address;
extern const Rule k_url_path;
extern const Rule k_host_header;
extern const Rule k_host_name;
extern const Rule k_route_path;
extern const Rule k_process_name;
extern const Rule k_path_in_tree;
extern const Rule k_absolute_path_or_none;
extern const Rule k_path_or_none;
extern const Rule k_branch;
extern const Rule k_variable;
extern const Rule k_volume;
extern const Rule k_network;
extern const Rule k_registry_address;
extern const Rule k_engine_host;
extern const Rule k_address_pool;
extern const Rule k_path;
extern const Rule k_file_name;
extern const Rule k_path_pattern;
extern const Rule k_ref_pattern;
extern const Rule k_destination; ///< of a rule: whether it is there is another question
extern const Rule k_target;      ///< the same of what runs colors
extern const Rule k_target_name; ///< of one that is defined
extern const Rule k_source_name;
extern const Rule k_service;
extern const Rule k_user;
extern const Rule k_git_url;
extern const Rule k_listen;
extern const Rule k_public_url;
extern const Rule k_address_range;

} // namespace rule
} // namespace teal
