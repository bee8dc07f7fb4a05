#include "http/request_reader.hpp"

#include <cstdint>
#include <cstdlib>

/// The first byte says into how large pieces the rest is cut; the request has to be the same as in one piece.
namespace {

using teal::http::RequestReader;

RequestReader read(std::string_view text, std::size_t size) {
  RequestReader reader(4096);
  std::string pending;
  for (std::size_t at = 0; at < text.size(); at += size) {
    pending += text.substr(at, size);
    std::size_t taken = 0;
    do {
      if (reader.state() == RequestReader::State::admission) {
        reader.admit(10'000);
      }
      taken = reader.feed(pending);
      pending.erase(0, taken);
    } while (taken != 0 || reader.state() == RequestReader::State::admission);
  }
  return reader;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || data[0] == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  RequestReader whole = read(text, text.size());
  RequestReader pieces = read(text, data[0]);
  const bool are_same = whole.state() == pieces.state() && whole.request().path == pieces.request().path &&
                        whole.request().body == pieces.request().body;
  const bool is_complete = whole.state() == RequestReader::State::complete;
  if (is_complete && !are_same) {
    std::abort();
  }
  return 0;
}
