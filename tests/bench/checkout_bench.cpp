// One checkout, timed: checkout_bench REPO REVISION WORK_TREE INDEX
#include "core/error.hpp"
#include "git/checkout.hpp"
#include "git/repository.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

int run(const std::string& repository_path, const std::string& revision, const teal::git::CheckoutOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const auto repository = teal::git::Repository::open(repository_path);
  const auto commit = repository.find_commit(revision);
  if (!commit) {
    fmt::print(stderr, "error: there is no commit '{}'\n", revision);
    return 2;
  }
  const auto result = teal::git::checkout(repository, commit->id, options);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  fmt::print("{} files, {} written, {} removed, {:.1f} ms, {:.1f} MB peak\n", result.files, result.written,
             result.removed, took.count(), static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: checkout_bench REPO REVISION WORK_TREE INDEX\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], {.work_tree = argv[3], .index = argv[4], .submodules = nullptr});
  } catch (const teal::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return teal::exit_code(error.kind());
  }
}
