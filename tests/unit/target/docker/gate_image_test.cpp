#include "support/catch.hpp"
#include "target/docker/gate_image.hpp"

#include <set>

using namespace teal;

TEST_CASE("an image at the gate is named after all that it is made of") {
  const GateImage image{"shop", "1a2b", Color::blue, {}};
  CHECK(image.tag() == GateImage(image).tag());
  CHECK(image.tag().starts_with("gate-blue-"));
  CHECK(image.tag().size() <= 128); // the most that a registry takes

  GateImage other_commit = image;
  other_commit.commit = "3c4d";
  GateImage other_place = image;
  other_place.destination = Destination::live();
  GateImage other_file = image;
  other_file.build.dockerfile = "Other";
  GateImage other_folder = image;
  other_folder.build.context = "Other";
  GateImage other_target = image;
  other_target.build.target = "debug";
  GateImage one_argument = image;
  one_argument.build.args = {{"A", "1\n3 B=2"}};
  GateImage two_arguments = image;
  two_arguments.build.args = {{"A", "1"}, {"B", "2"}};
  std::set<std::string> tags;
  for (const GateImage& one :
       {image, other_commit, other_place, other_file, other_folder, other_target, one_argument, two_arguments}) {
    tags.insert(one.tag());
  }
  CHECK(tags.size() == 8);
}
