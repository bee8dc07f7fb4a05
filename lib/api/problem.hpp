/// @file
/// Problem: why a request is refused, as an answer of RFC 9457 (application/problem+json).
#pragma once

#include "core/error.hpp"
#include "http/message.hpp"

#include <boost/json/object.hpp>

#include <exception>
#include <string>
#include <string_view>

namespace teal::api {

inline constexpr std::string_view k_problem_type = "application/problem+json";

class Problem : public std::exception {
public:
  /// `detail` is for whoever asked, in words.
  Problem(int status, std::string detail);

  [[nodiscard]] const char* what() const noexcept override { return m_detail.c_str(); }
  /// A header of the answer.
  Problem&& with(std::string name, std::string value) &&;
  void add_header(std::string name, std::string value);
  /// The field of the body that it is about.
  Problem&& about(std::string_view field) &&;
  /// Another member beside type, title, status and detail.
  Problem&& with_member(std::string_view name, boost::json::value value) &&;
  [[nodiscard]] http::ServerResponse response() const;

private:
  int m_status;
  std::string m_detail;
  http::HeaderList m_headers;
  boost::json::object m_members;
};

/// With its kind and what was being done. Of an internal one the words are kept from whoever asked.
[[nodiscard]] Problem problem_of(const Error& error);
/// What `refusal`, {"error": …} of the server's own, says.
[[nodiscard]] http::ServerResponse as_problem(const http::ServerResponse& refusal);

/// Runs `work`, where what cannot be asked for is so because of how things are: 409.
template <class Work>
decltype(auto) as_conflict(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::usage || error.kind() == ErrorKind::settings) {
      throw Problem(409, error.message());
    }
    throw;
  }
}

} // namespace teal::api
