/// @file
/// EngineBench: the real engine at its usual socket with a small image on it, and nothing left of what a test made
/// there.
#pragma once

#include "engine/cli.hpp"
#include "engine/containers.hpp"
#include "engine/engine.hpp"
#include "engine/images.hpp"
#include "engine/networks.hpp"
#include "process/atomic_file.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace teal::engine {

inline constexpr const char* k_host = "unix:///var/run/docker.sock";

class EngineBench {
public:
  EngineBench() { build_image(); }
  EngineBench(const EngineBench&) = delete;
  EngineBench& operator=(const EngineBench&) = delete;
  ~EngineBench() {
    try {
      for (const auto& container : containers.list(labels)) {
        containers.remove(container.id);
      }
      for (const char* ending : {"-a", "-b", "-c", "-d", "-e"}) {
        networks.remove(name + ending);
      }
      for (const auto& image : images.list(name)) {
        for (const auto& tag : image.tags) {
          images.remove(tag);
        }
      }
      const std::string unnamed = fmt::format(R"({{"dangling":["true"],"label":["tealhook.test={}"]}})", name);
      engine.call("POST", "/images/prune?filters=" + http::percent_encode(unnamed));
    } catch (const Error& error) {
      WARN("cannot clean up: " << error.what());
    }
  }

  [[nodiscard]] ContainerSpec spec(std::vector<std::string> arguments = {"sleep", "1000"}) const {
    ContainerSpec made;
    made.name = name;
    made.image = name + ":base";
    made.labels = labels;
    made.arguments = std::move(arguments);
    made.stop_timeout = std::chrono::seconds(1);
    made.restart = "no";
    return made;
  }

  [[nodiscard]] BuildRequest request(const std::string& dockerfile) const {
    const std::filesystem::path context = folder.path() / "context";
    std::filesystem::create_directories(context);
    write_file(context / "Dockerfile", dockerfile);
    std::filesystem::copy_file("/bin/busybox", context / "busybox", std::filesystem::copy_options::skip_existing);
    BuildRequest made;
    made.context = context;
    made.dockerfile = context / "Dockerfile";
    made.deadline = std::chrono::seconds(60);
    return made;
  }

  TempFolder folder;
  std::string name = fmt::format("tealhook-test-{}", ::getpid());
  Labels labels{{"tealhook.test", name}};
  Engine engine{k_host};
  Cli cli{engine, "docker", clean_environment(), folder.path() / "cache"};
  Containers containers{engine};
  Networks networks{engine, {*Subnet::parse("10.213.0.0/16"), folder.path() / "network.lock"}};
  Images images{engine};
  std::string output; ///< of the last build

private:
  void build_image() {
    BuildRequest base = request("FROM scratch\nLABEL tealhook.test=" + name +
                                "\nCOPY busybox /bin/busybox\nENV PATH=/bin\n"
                                "RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n");
    base.tags = {name + ":base"};
    cli.build(base, [this](std::string_view text) { output += text; });
  }
};

} // namespace teal::engine
