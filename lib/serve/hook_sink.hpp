/// @file
/// HookSink: where a delivery goes once it was verified and understood.
#pragma once

#include "core/error.hpp"
#include "http/message.hpp"
#include "serve/hook_source.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace teal::serve {

struct VerifiedHook {
  const HookSource& source;
  const http::ServerRequest& request;
  const std::vector<webhook::Delivery>& asked; ///< what of it asks for a deployment; at least one
};

class HookSink {
public:
  struct Taken {
    std::optional<std::int64_t> id; ///< by which it can be asked for
    bool is_new = true;             ///< false: it was there already
  };
  struct Declined {
    std::string why; ///< printable: nothing is to come of it
  };
  using Result = std::variant<Taken, Declined, Error>;
  /// Called once, from any thread; must not throw.
  using Answer = std::function<void(const Result&)>;

  virtual ~HookSink() = default;

  /// Answers once it is on disk. False, and no answer, if too much waits already.
  [[nodiscard]] virtual bool take(const VerifiedHook& hook, Answer answer) = 0;
  /// Whether it can keep what it is given, as far as the last time told.
  [[nodiscard]] virtual bool is_sound() const = 0;
};

} // namespace teal::serve
