#include "support/catch.hpp"
#include "target/program_output.hpp"

using namespace teal;

namespace {

class Heard : public Steps {
public:
  void step(StepName /*name*/, const std::function<std::string()>& work) override { static_cast<void>(work()); }
  void output(std::string_view text) override { m_text += text; }
  void line(std::string_view /*text*/) override {}

  [[nodiscard]] const std::string& text() const { return m_text; }

private:
  std::string m_text;
};

std::string heard_of(const std::vector<std::string>& pieces) {
  Heard heard;
  {
    ProgramOutput output(heard);
    for (const std::string& piece : pieces) {
      output.add(piece);
    }
  }
  return heard.text();
}

} // namespace

TEST_CASE("what a program prints comes line by line, and a last line without an end as well") {
  CHECK(heard_of({"one\ntw", "o\n", "", "three"}) == "one\ntwo\nthree\n");
  CHECK(heard_of({"\n\n"}) == "\n\n");
  CHECK(heard_of({}).empty());
}

TEST_CASE("a line is what a terminal would have shown in the end") {
  CHECK(heard_of({"10%\r50%\r100%\n"}) == "100%\n");
  CHECK(heard_of({"dos\r\n", "10%\r"}) == "dos\n10%\n");
  CHECK(heard_of({"remote: Building        \n"}) == "remote: Building\n");
}

TEST_CASE("a line of gigabytes is cut, and what follows it comes as it is") {
  const std::string piece(1U << 20U, 'x');
  const std::string told = heard_of({piece, piece, piece + "\nnext\n"});
  CHECK(told == std::string(ProgramOutput::k_longest_line, 'x') + " ... the rest of the line is left out\nnext\n");
}
