#include "engine/build_output.hpp"
#include "support/catch.hpp"

#include <string>

using namespace teal::engine;

namespace {

constexpr const char* k_buildkit = R"(#1 [internal] load build definition from Dockerfile
#1 sha256:df86d9e3149584285cf75c279a0ed028f73502e0e67bcf56014f5ffd15027685
#1 transferring dockerfile: 32B done
#1 DONE 0.0s

#3 [internal] load build context
#3 CACHED

#2 [base 1/4] FROM docker.io/library/debian:12
#2 CACHED

#4 [base 2/4] COPY busybox /bin/busybox
#4 CACHED

#5 [base 3/4] RUN echo CACHED; echo "#4 CACHED"
#5 0.157 CACHED
#5 0.158 #4 CACHED
#5 DONE 0.2s

#6 [final 1/2] WORKDIR /srv
#6 CACHED

#7 [linux/amd64 final 2/2] copy note.txt /srv/
#7 DONE 0.0s

#10 exporting to image
#10 writing image sha256:24be3bdb4c9b93d8d30f46e6ff555972534da996a46f7aec71eee5e2518d99c4 done
#10 DONE 0.0s
)";

constexpr const char* k_classic = R"(Sending build context to Docker daemon  1.987MB
Step 1/6 : FROM debian:12 AS base
 ---> 3679a5b241c0
Step 2/6 : ARG K
 ---> Using cache
 ---> 3b9bdc1a4862
Step 3/6 : COPY busybox /bin/sh
 ---> Using cache
 ---> 993337777161
Step 4/6 : RUN echo hi
 ---> Running in f2a48fab3733
Step by step
Removing intermediate container f2a48fab3733
 ---> 07e58007e1d9
Step 5/6 : ADD note.txt /srv/
 ---> b897e0ddc57c
Step 6/6 : CMD ["/bin/sh"]
 ---> Running in 13d05c6371ed
Removing intermediate container 13d05c6371ed
 ---> d9186a0f9e19
Successfully built d9186a0f9e19
)";

BuildOutput read(const std::string& text) {
  BuildOutput output;
  output.feed(text);
  return output;
}

} // namespace

TEST_CASE("people are spared the digests of BuildKit's steps, and get all else in whole lines") {
  BuildOutput output;
  CHECK(output.feed("#1 [internal] load\n#1 sha256:df86d9e31495") == "#1 [internal] load\n");
  CHECK(output.feed("84285cf\n#1 DONE 0.0s\n\n#2 0.1 sha256:") == "#1 DONE 0.0s\n");
  CHECK(output.rest() == "#2 0.1 sha256:");
  CHECK(output.feed("1234\n") == "#2 0.1 sha256:1234\n");
  CHECK(output.feed("#2 writing image sha256:1234 done\n") == "#2 writing image sha256:1234 done\n");
  CHECK(output.feed("#x sha256:1234\n# 1\n \n") == "#x sha256:1234\n# 1\n");
  CHECK(output.rest().empty());
}

TEST_CASE("a line without an end is not kept back for ever") {
  BuildOutput output;
  std::size_t shown = 0;
  for (int i = 0; i < 1000; ++i) {
    shown += output.feed(std::string(1000, '.')).size();
  }
  CHECK(shown > 900'000);
  CHECK(output.rest().size() < 100'000);
}

TEST_CASE("BuildKit's steps that make a layer are counted, base images and what steps print are not") {
  const BuildOutput output = read(k_buildkit);
  CHECK(output.layers() == 4);
  CHECK(output.cached() == 2);
}

TEST_CASE("the classic builder's steps that make a layer are counted") {
  const BuildOutput output = read(k_classic);
  CHECK(output.layers() == 3);
  CHECK(output.cached() == 1);
}

TEST_CASE("output in pieces of any size reads the same") {
  for (const char* text : {k_buildkit, k_classic}) {
    BuildOutput output;
    for (const char byte : std::string(text)) {
      output.feed(std::string_view(&byte, 1));
    }
    CHECK(output.layers() == read(text).layers());
    CHECK(output.cached() == read(text).cached());
  }
}

TEST_CASE("a step that fails under BuildKit 20.10 is named with its exit code") {
  const BuildOutput output = read(R"(#9 [final 3/4] COPY note.txt /srv/
#9 DONE 0.0s

#10 [final 4/4] RUN false
#10 ERROR: executor failed running [/bin/sh -c false]: exit code: 1
------
 > [final 4/4] RUN false:
------
executor failed running [/bin/sh -c false]: exit code: 1
)");
  CHECK(output.failed_step() == "RUN false");
  CHECK(output.failure() == "exit code: 1");
}

TEST_CASE("a step that fails under a newer BuildKit is named with its exit code") {
  const BuildOutput output = read(R"(#5 [2/2] RUN make
#5 0.1 make: no targets
#5 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2
------
 > [2/2] RUN make:
------
Dockerfile:2
--------------------
   2 | >>> RUN make
--------------------
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2
)");
  CHECK(output.failed_step() == "RUN make");
  CHECK(output.failure() == "exit code: 2");
}

TEST_CASE("a base image that cannot be had is the step that failed") {
  const BuildOutput output = read("#3 [internal] load metadata for nope.invalid/x:latest\n"
                                  "#3 ERROR: failed to do request: dial tcp: lookup nope.invalid: no such host\n"
                                  "failed to solve with frontend dockerfile.v0: no such host\n");
  CHECK(output.failed_step() == "load metadata for nope.invalid/x:latest");
  CHECK(output.failure() == "failed to do request: dial tcp: lookup nope.invalid: no such host");
}

TEST_CASE("a Dockerfile that cannot be read fails outside of any step") {
  const BuildOutput output =
      read("#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n"
           "ERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: FOO\n");
  CHECK(output.failed_step().empty());
  CHECK(output.failure() == "failed to solve: dockerfile parse error on line 2: unknown instruction: FOO");
}

TEST_CASE("a step that fails in the classic builder is named with its exit code") {
  const BuildOutput output =
      read("Step 1/2 : FROM scratch\n ---> \nStep 2/2 : RUN false\n ---> Running in 31584635b8c6\n"
           "The command '/bin/sh -c false' returned a non-zero code: 1\n");
  CHECK(output.failed_step() == "RUN false");
  CHECK(output.failure() == "exit code: 1");
}

TEST_CASE("a file missing in the classic builder is told in its words") {
  const BuildOutput output = read("Step 1/2 : FROM scratch\n ---> \nStep 2/2 : COPY nope /\n"
                                  "COPY failed: stat nope: file does not exist\n");
  CHECK(output.failed_step() == "COPY nope /");
  CHECK(output.failure() == "COPY failed: stat nope: file does not exist");
}

TEST_CASE("no output has no layers, no step and no reason") {
  const BuildOutput output = read("");
  CHECK(output.layers() == 0);
  CHECK(output.failed_step().empty());
  CHECK(output.failure().empty());
}
