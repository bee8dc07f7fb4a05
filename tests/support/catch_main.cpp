// Catch2 2.x has its main in a header; with 3.x it comes from Catch2WithMain and this file is left out.
#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

#include <cstdlib>

/// What no test matches, or asserts nothing, has not passed. By its command line, 2.x takes one such warning only.
int main(int count, char** arguments) {
  Catch::Session session;
  session.configData().warnings =
      static_cast<Catch::WarnAbout::What>(Catch::WarnAbout::NoAssertions | Catch::WarnAbout::NoTests);
  const int failures = session.run(count, arguments); // as many as k_skipped are no test that was skipped
  if (failures != 0) {
    return EXIT_FAILURE;
  }
  // Of several, one that was skipped is not all.
  const bool is_of_one = session.config().hasTestFilters() && !session.configData().filenamesAsTags;
  return teal::g_is_skipped && is_of_one ? teal::k_skipped : EXIT_SUCCESS;
}
