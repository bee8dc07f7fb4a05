/// @file
/// A web program of one page, which says how often it was asked for, as redis counts it, and which replica answered;
/// its two buttons ask tealhook for a replica more and for one less. On SIGTERM it ends once it has answered.
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::uint16_t k_redis_port = 6379;
constexpr int k_patience = 10; ///< seconds

volatile std::sig_atomic_t is_to_end = 0;

void end_soon(int /*signal*/) {
  is_to_end = 1;
}

std::string from_environment(const char* name, const char* otherwise = "") {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

std::string first_line_of(const char* path) {
  char line[100] = "";
  if (std::FILE* file = std::fopen(path, "r")) {
    if (std::fgets(line, sizeof line, file) == nullptr) {
      line[0] = '\0';
    }
    std::fclose(file);
  }
  const std::string_view text = line;
  return std::string(text.substr(0, text.find('\n')));
}

/// Asked of the engine, which knows the containers of a network by name: a static program has no getaddrinfo.
in_addr address_of(const std::string& name) {
  in_addr address{};
  unsigned char answer[NS_PACKETSZ];
  ns_msg message;
  ns_rr record;
  if (inet_pton(AF_INET, name.c_str(), &address) == 1) {
    return address;
  }
  const int size = res_query(name.c_str(), ns_c_in, ns_t_a, answer, sizeof answer);
  if (size > 0 && ns_initparse(answer, size, &message) == 0 && ns_parserr(&message, ns_s_an, 0, &record) == 0 &&
      ns_rr_rdlen(record) == sizeof address.s_addr) {
    __builtin_memcpy(&address.s_addr, ns_rr_rdata(record), sizeof address.s_addr);
  }
  return address;
}

/// What `host` answers to `question` until it closes the connection or, where given, sends `until`; empty if it does
/// not.
std::string ask(const std::string& host, std::uint16_t port, const std::string& question, std::string_view until = "") {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = k_patience, .tv_usec = 0};
  ::setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(server, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr = address_of(host);
  std::string answer;
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::write(server, question.data(), question.size()) == static_cast<ssize_t>(question.size())) {
    char piece[4096];
    while (until.empty() || answer.find(until) == std::string::npos) {
      const ssize_t size = ::read(server, piece, sizeof piece);
      if (size <= 0) {
        break;
      }
      answer.append(piece, static_cast<std::size_t>(size));
    }
  }
  ::close(server);
  return answer;
}

/// ":42" from redis.
std::string count_visit() {
  const std::string answer = ask(from_environment("REDIS", "redis"), k_redis_port, "INCR visits\r\n", "\r\n");
  return answer.starts_with(':') ? answer.substr(1, answer.find('\r') - 1) : "an unknown number of";
}

/// "spawn" or "destroy". Returns what tealhook says to that.
std::string ask_tealhook(const std::string& what) {
  const std::string api = from_environment("API"); // address:port
  const auto colon = api.rfind(':');
  const std::string answer =
      colon == std::string::npos
          ? ""
          : ask(api.substr(0, colon), static_cast<std::uint16_t>(std::atoi(api.c_str() + colon + 1)),
                "POST /api/v1/apps/" + from_environment("TEALHOOK_APP") + "/" + what + " HTTP/1.1\r\nHost: " + api +
                    "\r\nAuthorization: Bearer " + from_environment("API_TOKEN") +
                    "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  const auto body = answer.find("\r\n\r\n");
  return body == std::string::npos ? "tealhook does not answer\n" : answer.substr(body + 4);
}

std::string make_page() {
  const std::string replica = from_environment("TEALHOOK_REPLICA", "1");
  const std::string color = from_environment("TEALHOOK_COLOR", "gray");
  const std::string title =
      count_visit() + " visits, answered by replica " + replica + " of " + color + " " + first_line_of("/version");
  return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + title +
         "</title>\n<style>body { background: " + color +
         "; color: white; font: 2em sans-serif; text-align: center; padding-top: 20vh } button { font: inherit }"
         "form { display: inline }</style>\n<p>" +
         title +
         "</p>\n<form method=\"post\" action=\"/spawn\"><button>spawn</button></form>\n"
         "<form method=\"post\" action=\"/destroy\"><button>destroy</button></form>\n</html>\n";
}

std::string response(std::string_view status, std::string_view type, const std::string& body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(type) +
         "; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

std::string answer_to(std::string_view request) {
  if (request.starts_with("GET / ")) {
    return response("200 OK", "text/html", make_page());
  }
  if (request.starts_with("GET /healthz ")) {
    return response("200 OK", "text/plain", "healthy\n");
  }
  if (request.starts_with("POST /spawn ")) {
    return response("200 OK", "text/plain", ask_tealhook("spawn"));
  }
  if (request.starts_with("POST /destroy ")) {
    return response("200 OK", "text/plain", ask_tealhook("destroy"));
  }
  return response("404 Not Found", "text/plain", "there is no such page\n");
}

int listen_at(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, SOMAXCONN) != 0) {
    std::perror("cannot listen");
    std::exit(1);
  }
  return listener;
}

/// A process for each, so that nobody waits for somebody else's redis.
void serve(int client) {
  char request[8192];
  const ssize_t size = ::read(client, request, sizeof request);
  const std::string answer = answer_to({request, static_cast<std::size_t>(size > 0 ? size : 0)});
  static_cast<void>(!::write(client, answer.data(), answer.size()));
}

} // namespace

int main() {
  struct sigaction ending {};
  ending.sa_handler = end_soon; // without SA_RESTART: accept() ends with it
  ::sigaction(SIGTERM, &ending, nullptr);
  std::signal(SIGCHLD, SIG_IGN);
  const int listener = listen_at(static_cast<std::uint16_t>(std::atoi(from_environment("PORT", "8080").c_str())));
  while (is_to_end == 0) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) {
      continue;
    }
    if (::fork() == 0) {
      serve(client);
      ::_exit(0);
    }
    ::close(client);
  }
}
