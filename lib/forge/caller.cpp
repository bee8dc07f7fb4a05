#include "forge/caller.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::forge {

namespace {

constexpr std::size_t k_largest_answer = std::size_t{8} << 20U;
constexpr std::size_t k_most_pages = 100;
constexpr int k_longest_reason = 200;
constexpr Milliseconds k_unknown_limit = std::chrono::minutes(1); ///< as GitHub asks for where it does not say
constexpr Milliseconds k_longest_limit = std::chrono::hours(2);   ///< both forges' limits are of an hour at most

struct Base {
  std::string_view server; ///< "https://git.example.com:3000"
  std::string_view path;   ///< "/api/v1", or nothing
};

Base split_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  Base base{url.substr(0, slash), slash == std::string_view::npos ? std::string_view() : url.substr(slash)};
  while (base.path.ends_with('/')) {
    base.path.remove_suffix(1);
  }
  return base;
}

std::string header(const http::Response& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

/// When a rate limit ends; nothing if the answer tells of none.
std::optional<TimePoint> limited_until(const http::Response& response, TimePoint now) {
  const bool has_none_left =
      header(response, "x-ratelimit-remaining") == "0" || header(response, "ratelimit-remaining") == "0";
  const std::string after = header(response, "retry-after");
  if (response.status != 429 && !(response.status == 403 && (has_none_left || !after.empty()))) {
    return std::nullopt;
  }
  const auto clamped = [now](TimePoint until) {
    return std::clamp(until, now + std::chrono::seconds(1), now + k_longest_limit);
  };
  constexpr std::int64_t k_most_seconds = 1'000'000'000'000;
  const auto seconds = [](const std::string& text) {
    const auto number = parse_integer(text);
    return number && *number >= 0 && *number < k_most_seconds ? number : std::nullopt;
  };
  if (const auto wait = seconds(after)) {
    return clamped(now + std::chrono::seconds(*wait));
  }
  for (const char* name : {"x-ratelimit-reset", "ratelimit-reset"}) {
    if (const auto reset = seconds(header(response, name))) { // UTC, in seconds since 1970
      return clamped(TimePoint(std::chrono::seconds(*reset)));
    }
  }
  return now + k_unknown_limit;
}

bool is_in_trouble(int status) {
  return status == 500 || status == 502 || status == 503 || status == 504;
}

json::value parse(const std::string& body) {
  boost::system::error_code fault;
  json::parse_options limits;
  limits.max_depth = 32;
  json::value value = json::parse(body, fault, {}, limits);
  return fault ? json::value() : value;
}

/// What a forge says of why it refuses; they differ in where.
std::string reason_of(const json::value& body) {
  std::vector<std::string> reasons;
  const auto add = [&reasons](const json::value* said) {
    if (said != nullptr && !said->is_null()) {
      reasons.push_back(said->is_string() ? std::string(said->as_string()) : json::serialize(*said));
    }
  };
  add(find(body, {"message"}));
  const json::value* const error = find(body, {"error"});
  add(error != nullptr && error->is_object() ? find(*error, {"message"}) : error);
  if (const json::value* errors = find(body, {"errors"}); errors != nullptr && errors->is_array()) {
    for (const json::value& one : errors->as_array()) {
      add(one.is_object() ? find(one, {"message"}) : &one);
    }
  }
  return shorten(printable(join(reasons, "; ")), k_longest_reason);
}

} // namespace

const json::value* find(const json::value& value, Path path) {
  const json::value* at = &value;
  for (const std::string_view key : path) {
    if (!at->is_object()) {
      return nullptr;
    }
    at = at->as_object().if_contains(json::string_view(key.data(), key.size()));
    if (at == nullptr) {
      return nullptr;
    }
  }
  return at;
}

std::string text(const json::value& value, Path path) {
  const json::value* found = find(value, path);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

bool flag(const json::value& value, Path path, bool otherwise) {
  const json::value* found = find(value, path);
  return found != nullptr && found->is_bool() ? found->as_bool() : otherwise;
}

std::string id(const json::value& value, Path path) {
  const json::value* found = find(value, path);
  if (found != nullptr && (found->is_int64() || found->is_uint64())) {
    return json::serialize(*found);
  }
  return text(value, path);
}

bool lists(const json::value& value, Path path, std::string_view text) {
  const json::value* found = find(value, path);
  return found != nullptr && found->is_array() &&
         std::any_of(found->as_array().begin(), found->as_array().end(), [text](const json::value& one) {
           return one.is_string() && std::string_view(one.as_string().data(), one.as_string().size()) == text;
         });
}

std::string next_link(const http::Headers& headers) {
  const auto found = headers.find("link");
  if (found == headers.end()) {
    return {};
  }
  for (const std::string& one : split(found->second, ',')) {
    const std::size_t begin = one.find('<');
    const std::size_t end = one.find('>');
    if (one.find("rel=\"next\"") != std::string::npos && begin < end && end != std::string::npos) {
      return one.substr(begin + 1, end - begin - 1);
    }
  }
  return {};
}

std::string with_path(const std::string& api, std::string_view path) {
  return split_url(api).path.empty() ? fmt::format("{}{}", split_url(api).server, path) : api;
}

std::string bare_token(const std::string& token) {
  return token.substr(token.find(':') + 1); // npos + 1 is 0: all of it
}

std::string encoded_path(const std::string& repo) {
  std::vector<std::string> parts = split(repo, '/');
  for (std::string& part : parts) {
    part = http::percent_encode(part);
  }
  return join(parts, "/");
}

Caller::Caller(std::string_view api, http::Headers headers, CallOptions options, const Clock& clock)
    : m_api(std::string(split_url(api).server) + std::string(split_url(api).path)), m_path(split_url(api).path),
      m_host(http::parse_endpoint(split_url(api).server).host), m_client(http::parse_endpoint(split_url(api).server)),
      m_headers(std::move(headers)), m_options(std::move(options)), m_clock(clock) {
  m_headers.insert({{"User-Agent", "tealhook"}, {"Accept", "application/json"}});
}

std::optional<std::string> Caller::target_of(std::string_view url) const {
  const bool is_ours = url.starts_with(m_api) && url.substr(m_api.size()).starts_with('/');
  return is_ours ? std::optional<std::string>(url.substr(m_api.size())) : std::nullopt;
}

/// Again while the forge is away or in trouble, if it may be asked twice.
http::Response Caller::send(const http::Request& request, bool may_repeat) {
  const int tries = may_repeat ? m_options.tries : 1;
  Milliseconds pause = m_options.first_pause;
  for (int tried = 1;; ++tried, pause *= 4) {
    try {
      http::Response response = m_client.request(
          request, {.total = m_options.deadline, .body = k_largest_answer, .interrupt = m_options.interrupt});
      if (tried >= tries || !is_in_trouble(response.status)) {
        return response;
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::busy) { // interrupted
        throw;
      }
      if (tried >= tries) {
        throw ApiError(error.kind(), error.message(), 0);
      }
    }
    sleep_unless(m_options.interrupt, pause);
  }
}

/// Whether it has waited for the end of a rate limit. Throws where that is too far away.
bool Caller::wait_for_limit(const http::Response& response) {
  const auto until = limited_until(response, m_clock.now());
  if (!until) {
    return false;
  }
  const std::string words = fmt::format("{} takes no more requests until {} (rate limit)", m_host, format_time(*until));
  const Milliseconds wait = *until - m_clock.now();
  if (wait > m_options.longest_wait) {
    throw ApiError(ErrorKind::environment, words, response.status, until);
  }
  m_options.tell(words + "; it is waited for");
  sleep_unless(m_options.interrupt, wait);
  if (m_options.interrupt.stop_requested()) {
    throw Error(ErrorKind::busy, "it was cancelled");
  }
  return true;
}

void Caller::refuse(const Call& call, const http::Response& response) const {
  const std::string reason = reason_of(parse(response.body));
  const std::string said = reason.empty() ? "" : fmt::format(": {}", reason);
  const auto answer = [&](const std::string& words) -> ApiError {
    return {ErrorKind::environment, words, response.status};
  };
  switch (response.status) {
  case 401:
    throw answer(fmt::format("{} does not take the token (401): it is wrong, or has expired{}", m_host, said));
  case 403:
    throw answer(fmt::format("the token may not do that with {} at {} (403){}", call.about, m_host, said));
  case 404:
    throw answer(fmt::format("{} knows nothing of {}, or the token may not see it (404)", m_host, call.about));
  default:
    break;
  }
  if (response.status / 100 == 3) {
    throw answer(fmt::format("{} says that {} has moved ({}): name it as it is called now, and where its API is",
                             m_host, call.about, response.status));
  }
  throw answer(fmt::format("{} answers {} when asked for {}{}", m_host, response.status, call.about, said));
}

void Caller::fail(const Call& call, int status, const std::string& what) const {
  throw ApiError(ErrorKind::environment,
                 fmt::format("{} answers nonsense when asked for {}: {}", m_host, call.about, what),
                 status / 100 == 2 ? 0 : status);
}

Answer Caller::ask(const Call& call) {
  http::Request request{.method = call.method, .target = m_path + call.target, .headers = m_headers, .body = {}};
  if (!call.body.is_null()) {
    request.headers["Content-Type"] = "application/json";
    request.body = json::serialize(call.body);
  }
  http::Response response;
  do {
    response = send(request, call.again || call.method != "POST");
  } while (wait_for_limit(response));
  if (response.status / 100 != 2) {
    refuse(call, response);
  }
  Answer answer{.status = response.status, .headers = std::move(response.headers), .body = {}};
  if (!trim(response.body).empty()) {
    answer.body = parse(response.body);
    if (answer.body.is_null()) {
      fail(call, response.status, "that is no JSON");
    }
  }
  return answer;
}

std::string Caller::ask_for_text(const Call& call, std::string_view key) {
  const Answer answer = ask(call);
  std::string found = id(answer.body, {key});
  if (found.empty()) {
    fail(call, answer.status, fmt::format("there is no '{}'", key));
  }
  return found;
}

bool Caller::remove(Call call) {
  call.method = "DELETE";
  try {
    ask(call);
  } catch (const ApiError& error) {
    if (error.status() != 404) {
      throw;
    }
    return false;
  }
  return true;
}

json::array Caller::list(Call call, std::size_t page_size) {
  const std::string target = call.target;
  json::array all;
  for (std::size_t page = 1; page <= k_most_pages; ++page) {
    call.target = fmt::format("{}&page={}", target, page);
    const Answer answer = ask(call);
    if (!answer.body.is_array()) {
      fail(call, answer.status, "that is no list");
    }
    const json::array& items = answer.body.as_array();
    all.insert(all.end(), items.begin(), items.end());
    const auto total = answer.headers.find("x-total-count");
    const bool has_more = answer.headers.contains("link") ? !next_link(answer.headers).empty()
                          : total != answer.headers.end()
                              ? static_cast<std::int64_t>(all.size()) < parse_integer(total->second).value_or(0)
                              : items.size() >= page_size;
    if (!has_more || items.empty()) {
      break;
    }
  }
  return all;
}

} // namespace teal::forge
