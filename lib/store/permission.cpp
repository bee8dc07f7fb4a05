#include "store/permission.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

namespace teal {

namespace {

constexpr std::size_t k_longest_quote = 200; ///< of what a stranger wrote

} // namespace

bool allows(Actions& record, const Principal& who, std::string_view app, Verb verb, const std::string& asked) {
  const Verdict verdict = may(who, app, verb);
  if (verdict.yes) {
    return true;
  }
  record.add({.app = shorten(printable(app), k_longest_quote),
              .verb = std::string(to_string(verb)),
              .who = who.text(),
              .at = {},
              .text = shorten(printable(asked.empty() ? verdict.why : asked), k_longest_quote),
              .origin = who.origin,
              .refused = true});
  return false;
}

void require_may(Actions& record, const Principal& who, std::string_view app, Verb verb, const std::string& asked) {
  if (!allows(record, who, app, verb, asked)) {
    throw Error(ErrorKind::usage, may(who, app, verb).why);
  }
}

} // namespace teal
