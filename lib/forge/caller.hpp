/// @file
/// Caller: one API's requests and answers in JSON, and what their failures mean in words. Private to this folder: it
/// brings Boost.JSON along.
///
/// Invariant: only what may be asked twice is asked again, and nothing while a rate limit lasts.
#pragma once

#include "forge/forge_api.hpp"
#include "http/client.hpp"

#include <boost/json.hpp>

#include <initializer_list>

namespace teal::forge {

namespace json = boost::json;

using Path = std::initializer_list<std::string_view>;

/// The value at `path`, or null.
[[nodiscard]] const json::value* find(const json::value& value, Path path);
/// Empty where it is missing, or no text.
[[nodiscard]] std::string text(const json::value& value, Path path);
/// `otherwise` where it is missing, or neither true nor false.
[[nodiscard]] bool flag(const json::value& value, Path path, bool otherwise);
/// A number or a text, as a text; empty where it is missing.
[[nodiscard]] std::string id(const json::value& value, Path path);
/// Whether the list at `path` has that text.
[[nodiscard]] bool lists(const json::value& value, Path path, std::string_view text);

struct Answer {
  int status = 0;
  http::Headers headers;
  json::value body; ///< null where there is none
};

/// The url that "Link: <…>; rel="next"" has; empty where there is none.
[[nodiscard]] std::string next_link(const http::Headers& headers);

class Caller {
public:
  /// `headers` go with each request.
  Caller(std::string_view api, http::Headers headers, CallOptions options, const Clock& clock);

  struct Call {
    std::string method = "GET";
    std::string target; ///< below the API's url, encoded: "/repos/ada/shop"
    std::string about;  ///< for messages: "the repository 'ada/shop'"
    json::value body{}; ///< null: none
    bool again = false; ///< it may be asked twice though it is a POST
  };
  /// Its status is 2xx.
  Answer ask(const Call& call);
  /// What its answer has at `key`, a text or a number.
  [[nodiscard]] std::string ask_for_text(const Call& call, std::string_view key);
  /// DELETE. False where there is nothing (404).
  bool remove(Call call);
  /// Of a list in pages, all items: `call.target` has a query already, to which "&page=2" is added.
  [[nodiscard]] json::array list(Call call, std::size_t page_size);
  /// What of `url` is below the API's own; nothing for another host's.
  [[nodiscard]] std::optional<std::string> target_of(std::string_view url) const;
  /// "git.example.com": for messages.
  [[nodiscard]] const std::string& host() const { return m_host; }
  /// It answered something else than it should have.
  [[noreturn]] void fail(const Call& call, int status, const std::string& what) const;

private:
  [[nodiscard]] http::Response send(const http::Request& request, bool may_repeat);
  [[nodiscard]] bool wait_for_limit(const http::Response& response);
  [[noreturn]] void refuse(const Call& call, const http::Response& response) const;

  std::string m_api;
  std::string m_path; ///< of the API's url, without a '/' at its end
  std::string m_host;
  http::Client m_client;
  http::Headers m_headers;
  CallOptions m_options;
  const Clock& m_clock;
};

/// The API's url, with `path` where it has none: only the server was given.
[[nodiscard]] std::string with_path(const std::string& api, std::string_view path);
/// The part of "USER:TOKEN" that is the token, or all of it.
[[nodiscard]] std::string bare_token(const std::string& token);
/// "ada/shop", each part encoded.
[[nodiscard]] std::string encoded_path(const std::string& repo);

} // namespace teal::forge
