/// @file
/// A web program of one page that says which app, color, version and commit it is. On SIGTERM it answers who has asked
/// already and ends.
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::uint16_t k_port = 8080;
constexpr std::size_t k_most_connections = 500;

std::string from_environment(const char* name, const char* otherwise) {
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

std::string make_page() {
  const std::string app = from_environment("TEALHOOK_APP", "app");
  const std::string color = from_environment("TEALHOOK_COLOR", "gray");
  const std::string commit = from_environment("TEALHOOK_COMMIT", "").substr(0, 7);
  const std::string version = first_line_of("/version");
  return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + app + " " + color + " " + version +
         " " + commit + "</title>\n<style>body { background: " + color +
         "; color: white; font: 2em sans-serif; text-align: center; padding-top: 20vh }</style>\n<h1>" + app +
         "</h1>\n<p>" + color + " &middot; " + version + " &middot; " + commit + "</p>\n</html>\n";
}

std::string answer_to(std::string_view request, const std::string& page) {
  std::string_view status = "404 Not Found";
  std::string body = "there is no such page\n";
  if (request.starts_with("GET / ")) {
    status = "200 OK";
    body = page;
  } else if (request.starts_with("GET /healthz ")) {
    status = "200 OK";
    body = "healthy\n";
  }
  std::string answer = "HTTP/1.1 ";
  answer += status;
  answer += "\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\nContent-Length: ";
  return answer + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// The request's first bytes are all that this program looks at.
void serve(int connection, const std::string& page) {
  char request[4096];
  const ssize_t length = recv(connection, request, sizeof request, MSG_DONTWAIT);
  if (length > 0) {
    const std::string answer = answer_to({request, static_cast<std::size_t>(length)}, page);
    send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  close(connection);
}

int listen_on(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, SOMAXCONN) != 0) {
    std::perror("cannot listen");
    std::exit(1);
  }
  return listener;
}

/// A descriptor that can be read once SIGTERM or SIGINT has come.
int await_end_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, 0);
}

} // namespace

int main() {
  const std::string page = make_page();
  std::vector<pollfd> waiting{{await_end_signal(), POLLIN, 0}, {listen_on(k_port), POLLIN, 0}};
  std::printf("serving on port %d\n", k_port);
  std::fflush(stdout);

  bool ending = false;
  while (true) {
    const int ready = poll(waiting.data(), waiting.size(), ending ? 0 : -1);
    if (ending && ready == 1) { // the signal alone: nobody is left who has asked
      return 0;
    }
    ending = waiting[0].revents != 0;
    for (std::size_t i = waiting.size(); i-- > 2;) {
      if (waiting[i].revents != 0) {
        serve(waiting[i].fd, page);
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if (waiting[1].revents != 0) {
      if (waiting.size() == k_most_connections) { // who connected first and has asked nothing since gives way
        close(waiting[2].fd);
        waiting.erase(waiting.begin() + 2);
      }
      waiting.push_back({accept(waiting[1].fd, nullptr, nullptr), POLLIN, 0});
    }
  }
}
