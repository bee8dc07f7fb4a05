#include "api/problem.hpp"

#include "report/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace teal::api {

namespace {

namespace json = boost::json;

constexpr std::array<std::pair<int, std::string_view>, 20> k_titles{{{400, "Bad Request"},
                                                                     {401, "Unauthorized"},
                                                                     {403, "Forbidden"},
                                                                     {404, "Not Found"},
                                                                     {405, "Method Not Allowed"},
                                                                     {406, "Not Acceptable"},
                                                                     {408, "Request Timeout"},
                                                                     {409, "Conflict"},
                                                                     {412, "Precondition Failed"},
                                                                     {413, "Content Too Large"},
                                                                     {415, "Unsupported Media Type"},
                                                                     {416, "Range Not Satisfiable"},
                                                                     {417, "Expectation Failed"},
                                                                     {422, "Unprocessable Content"},
                                                                     {428, "Precondition Required"},
                                                                     {429, "Too Many Requests"},
                                                                     {431, "Request Header Fields Too Large"},
                                                                     {500, "Internal Server Error"},
                                                                     {503, "Service Unavailable"},
                                                                     {504, "Gateway Timeout"}}};

std::string_view title_of(int status) {
  const auto* const found =
      std::find_if(k_titles.begin(), k_titles.end(), [status](const auto& one) { return one.first == status; });
  return found == k_titles.end() ? std::string_view("Error") : found->second;
}

int status_of(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::usage:
  case ErrorKind::settings:
    return 422;
  case ErrorKind::busy:
    return 409;
  case ErrorKind::environment:
    return 503;
  case ErrorKind::timeout:
    return 504;
  case ErrorKind::internal:
    break;
  }
  return 500;
}

} // namespace

Problem::Problem(int status, std::string detail) : m_status(status), m_detail(std::move(detail)) {}

void Problem::add_header(std::string name, std::string value) {
  m_headers.add(std::move(name), std::move(value));
}

Problem&& Problem::with(std::string name, std::string value) && {
  add_header(std::move(name), std::move(value));
  return std::move(*this);
}

Problem&& Problem::with_member(std::string_view name, json::value value) && {
  m_members[name] = std::move(value);
  return std::move(*this);
}

Problem&& Problem::about(std::string_view field) && {
  return std::move(*this).with_member("field", to_text(field));
}

http::ServerResponse Problem::response() const {
  json::object body{
      {"type", "about:blank"}, {"title", title_of(m_status)}, {"status", m_status}, {"detail", to_text(m_detail)}};
  body.insert(m_members.begin(), m_members.end());
  http::ServerResponse response{.status = m_status, .headers = m_headers, .body = json::serialize(body) + "\n"};
  response.headers.add("Content-Type", std::string(k_problem_type));
  return response;
}

Problem problem_of(const Error& error) {
  const int status = status_of(error.kind());
  if (status == 500) {
    return {status, "this went wrong here, not with you; the log of the server says why"};
  }
  json::array trail;
  for (const std::string& doing : error.trail()) {
    trail.push_back(to_text(doing));
  }
  return Problem(status, error.message())
      .with_member("kind", to_text(to_string(error.kind())))
      .with_member("while", std::move(trail));
}

http::ServerResponse as_problem(const http::ServerResponse& refusal) {
  if (refusal.headers.first("Content-Type") == k_problem_type) {
    return refusal;
  }
  Problem problem(refusal.status, std::string(json::parse(refusal.body).at("error").as_string()));
  for (const http::Header& header : refusal.headers) {
    if (!http::equal_names(header.name, "Content-Type")) {
      problem.add_header(header.name, header.value);
    }
  }
  return problem.response();
}

} // namespace teal::api
