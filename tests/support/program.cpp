/// @file
/// The program that the tests deploy: a web server that answers every request with what /version says, or misbehaves.
/// It reads no body but that of POST /read, and closes each connection at once when it has answered.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Options {
  int port = 8080;
  int status = 200;
  int exit_code = -1;       ///< end at once with it
  unsigned after = 0;       ///< milliseconds that it lives before that
  bool one_life = false;    ///< started in the same container again, end at once
  unsigned sleep = 0;       ///< seconds to sleep, as a slow step of a build does, and end
  int print = 0;            ///< KiB to print first
  unsigned delay = 0;       ///< seconds before it listens
  unsigned die_after = 0;   ///< seconds that it lives
  bool loopback = false;    ///< listen on 127.0.0.1 only
  bool ignore_term = false; ///< as a first process does that has no handler
  bool deaf = false;        ///< handle SIGTERM by doing nothing
  bool slow_term = false;   ///< handle SIGTERM by ending two seconds later
  bool eat_memory = false;
  bool silent = false;       ///< accept, and never answer
  bool reach_out = false;    ///< send something out of the host at once; without a way there, answer 500 for ever
  bool need_way_out = false; ///< without a way out of the host, end at once
  std::string lame;          ///< the replica that ends at once
  std::string host;          ///< answer 421 to whoever asks for another one
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const auto number = [&] { return i + 1 < argc ? std::atoi(argv[++i]) : 0; };
    if (name == "--port") {
      options.port = number();
    } else if (name == "--status") {
      options.status = number();
    } else if (name == "--exit") {
      options.exit_code = number();
    } else if (name == "--after") {
      options.after = static_cast<unsigned>(number());
    } else if (name == "--one-life") {
      options.one_life = true;
    } else if (name == "--deaf") {
      options.deaf = true;
    } else if (name == "--sleep") {
      options.sleep = static_cast<unsigned>(number());
    } else if (name == "--print") {
      options.print = number();
    } else if (name == "--delay") {
      options.delay = static_cast<unsigned>(number());
    } else if (name == "--die-after") {
      options.die_after = static_cast<unsigned>(number());
    } else if (name == "--loopback") {
      options.loopback = true;
    } else if (name == "--ignore-term") {
      options.ignore_term = true;
    } else if (name == "--slow-term") {
      options.slow_term = true;
    } else if (name == "--eat-memory") {
      options.eat_memory = true;
    } else if (name == "--silent") {
      options.silent = true;
    } else if (name == "--reach-out") {
      options.reach_out = true;
    } else if (name == "--need-way-out") {
      options.need_way_out = true;
    } else if (name == "--lame") {
      options.lame = i + 1 < argc ? argv[++i] : "";
    } else if (name == "--host") {
      options.host = i + 1 < argc ? argv[++i] : "";
    }
  }
  return options;
}

std::string first_line(const char* file) {
  char line[256] = "";
  if (std::FILE* opened = std::fopen(file, "r")) {
    if (std::fgets(line, sizeof line, opened) == nullptr) {
      line[0] = '\0';
    }
    std::fclose(opened);
  }
  return {line, std::strcspn(line, "\n")};
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Whether it was started in this container before.
bool has_lived() {
  const int mark = ::open("/lived", O_CREAT | O_EXCL | O_WRONLY, 0600);
  ::close(mark);
  return mark < 0;
}

void go_on(int /*signal*/) {}
void end_at_once(int /*signal*/) {
  ::_exit(0);
}
void end_later(int /*signal*/) {
  ::sleep(2);
  ::_exit(0);
}

/// Whether a datagram to an address that nobody has (RFC 5737) can be sent at all.
bool has_way_out() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(0xC0000201); // 192.0.2.1
  const bool sent = ::sendto(socket, "", 1, 0, reinterpret_cast<sockaddr*>(&address), sizeof address) == 1;
  ::close(socket);
  return sent;
}

int listen_on(const Options& options) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(options.port));
  address.sin_addr.s_addr = htonl(options.loopback ? INADDR_LOOPBACK : INADDR_ANY);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 64) != 0) {
    std::perror("cannot listen");
    std::exit(1);
  }
  return listener;
}

std::string response(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

bool say(int client, std::string_view words) {
  return ::write(client, words.data(), words.size()) == static_cast<ssize_t>(words.size());
}

/// After as many seconds as the path ends with ("/slow8"), or one.
bool answer_later(int client, std::string_view request, const std::string& answer) {
  const int seconds = std::atoi(request.data() + std::strlen("GET /slow"));
  ::sleep(seconds > 0 ? static_cast<unsigned>(seconds) : 1);
  return say(client, answer);
}

/// With how long the body was, once all of it is here. `request` is what has come.
bool answer_when_read(int client, std::string request) {
  char piece[4096];
  for (;;) {
    const auto end = request.find("\r\n\r\n");
    const char* length = ::strcasestr(request.c_str(), "\r\nContent-Length:");
    const std::size_t size = length == nullptr ? 0 : std::strtoul(std::strchr(length, ':') + 1, nullptr, 10);
    if (end != std::string::npos && request.size() - end - 4 >= size) {
      return say(client, response(200, std::to_string(size) + "\n"));
    }
    const ssize_t more = ::read(client, piece, sizeof piece);
    if (more <= 0) {
      return false;
    }
    request.append(piece, static_cast<std::size_t>(more));
  }
}

/// A websocket to who asks for one: what it says comes back.
bool echo(int client) {
  bool open = say(client, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  char piece[4096];
  while (open) {
    const ssize_t size = ::read(client, piece, sizeof piece);
    open = size > 0 && say(client, {piece, static_cast<std::size_t>(size)});
  }
  return true;
}

/// By a process of its own.
template <class Deed>
void leave_to_another(int client, Deed&& deed) {
  std::signal(SIGCHLD, SIG_IGN);
  if (::fork() == 0) {
    ::_exit(deed() ? 0 : 1);
  }
  ::close(client);
}

void serve(int listener, const Options& options) {
  const std::string body =
      first_line("/version") + " " + variable("TEALHOOK_COLOR") + " " + variable("GREETING") + "\n";
  const std::string answer = response(options.status, body);
  const std::string misdirected = response(421, "this is " + options.host + "\n");
  const std::string failure = response(500, "as was asked for\n");
  for (;;) {
    const int client = ::accept(listener, nullptr, nullptr);
    if (client < 0 || options.silent) {
      continue;
    }
    char piece[4096];
    const ssize_t size = ::read(client, piece, sizeof piece);
    const std::string_view request(piece, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    if (request.starts_with("GET /slow")) {
      leave_to_another(client, [&] { return answer_later(client, request, answer); });
      continue;
    }
    if (request.starts_with("POST /read")) {
      leave_to_another(client, [&] { return answer_when_read(client, std::string(request)); });
      continue;
    }
    if (request.starts_with("GET /websocket")) {
      leave_to_another(client, [&] { return echo(client); });
      continue;
    }
    if (request.starts_with("GET /replica")) {
      say(client, response(200, variable("TEALHOOK_REPLICA") + " on " + variable("PORT") + "\n"));
      ::close(client);
      continue;
    }
    const bool fails = request.starts_with("GET /fail");
    const bool meant = options.host.empty() || request.find("Host: " + options.host) != std::string_view::npos;
    if (!request.empty() && !say(client, fails ? failure : meant ? answer : misdirected)) {
      std::perror("cannot answer");
    }
    ::close(client);
  }
}

} // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  if (options.reach_out && !has_way_out()) {
    options.status = 500;
  }
  std::printf("program %s starts\n", first_line("/version").c_str());
  std::fflush(stdout);
  for (int line = 0; line < options.print * 16; ++line) {
    std::printf("line %06d of what a build has to say about itself, at length\n", line);
  }
  std::fflush(stdout);
  if (options.sleep > 0) {
    ::sleep(options.sleep);
    return 0;
  }
  if (options.need_way_out && !has_way_out()) {
    std::printf("no way out\n");
    return 1;
  }
  if (options.one_life && has_lived()) {
    options.exit_code = 1;
  }
  if (!options.lame.empty() && options.lame == variable("TEALHOOK_REPLICA")) {
    options.exit_code = 1;
  }
  if (options.exit_code >= 0) {
    ::usleep(options.after * 1000);
    std::printf("cannot go on: the cupboard is bare\n");
    return options.exit_code;
  }
  if (!options.ignore_term) {
    std::signal(SIGTERM, options.deaf ? go_on : options.slow_term ? end_later : end_at_once);
  }
  std::vector<char*> eaten;
  while (options.eat_memory) {
    constexpr std::size_t k_bite = std::size_t{4} << 20U;
    eaten.push_back(static_cast<char*>(std::malloc(k_bite)));
    std::memset(eaten.back(), 1, k_bite);
  }
  ::sleep(options.delay);
  std::signal(SIGALRM, end_at_once); // a first process has no signal's default
  ::alarm(options.die_after);
  serve(listen_on(options), options);
}
