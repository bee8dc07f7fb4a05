#include "deploy/address.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

namespace teal {

namespace {

constexpr const char* k_all_v4 = "0.0.0.0";
constexpr const char* k_all_v6 = "::";

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

} // namespace

std::string local_address(const std::string& bind) {
  if (bind == k_all_v6) {
    return "::1";
  }
  return bind == k_all_v4 ? "127.0.0.1" : bind;
}

std::string public_address(const AppSettings& settings, Color color) {
  const std::string& bind = settings.bind;
  std::string host = bind == k_all_v4 || bind == k_all_v6 ? host_name() : bind;
  if (host.find(':') != std::string::npos) {
    host = fmt::format("[{}]", host); // RFC 3986, section 3.2.2
  }
  return fmt::format("http://{}:{}/", host, settings.ports.at(color));
}

} // namespace teal
