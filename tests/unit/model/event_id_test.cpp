#include "model/event_id.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("an event and a delivery are quoted in two ways and read back") {
  const EventId event{.kind = EventId::Kind::event, .number = 7};
  const EventId delivery{.kind = EventId::Kind::delivery, .number = 12};
  CHECK(event.text() == "7");
  CHECK(delivery.text() == "d12");
  CHECK(EventId::parse("7") == event);
  CHECK(EventId::parse("d12") == delivery);
}

TEST_CASE("any other text is no event") {
  for (const char* text :
       {"", "d", "0", "-1", "d0", "d-1", "12d", "push.json", "d12 ", "dd1", "99999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(EventId::parse(text));
  }
}
