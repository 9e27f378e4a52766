// Deadlines of whole processes: the exit flush against far sides that fail in every way, and flush, close and exit where the resolver
// never answers. What flush and close do against the same far sides: retry_test.cpp.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "program.h"
#include "support/failing_far_sides.h"
#include "support/memory.h"

namespace {

using support::Outcome;
using namespace std::chrono_literals;

// 300 ms, a tenth, and 20 ms. A sanitized worker may be in the middle of reading hundreds of certificates, which takes it long.
const long long kLongest = support::is_sanitized() ? 1'350'000 : 350'000;
// A busy machine wakes a thread late now and then, a library that waits too long does so each time.
constexpr int kTries = 10;
// Of a whole process, with its start and its end: nothing in them waits for the far side.
constexpr auto kWholeLife = 5s;

Outcome run_with_hung_resolver(const std::string& way) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hung-resolver-program";
  return support::run({program.string(), way}, {{"JTRACE_LOG_LEVEL", "off"}});
}

}  // namespace

TEST_CASE("the exit flush keeps its deadline within a tenth and 20 ms, whatever the collector does") {
  for (const auto& [name, endpoint] : support::FailingFarSides()) {
    CAPTURE(name);
    bool is_right = false;
    for (int i = 0; i < kTries && !is_right; ++i) {
      const Outcome outcome = lifecycle::run_to(endpoint, "measures its exit flush", {{"JTRACE_LOG_LEVEL", "off"}});
      INFO(outcome.describe());
      REQUIRE(outcome.succeeded());
      CHECK(outcome.took < kWholeLife);
      CHECK(outcome.number("balanced") == 1);
      CHECK(outcome.number("queued") == 0);
      CHECK(outcome.number("finished") == 100);
      is_right = outcome.number("exit flush us") <= kLongest;
    }
    CHECK(is_right);
  }
}

TEST_CASE("flush, close and exit keep their deadlines where the resolver never answers") {
  for (const std::string way : {"flush", "close", "exit"}) {
    CAPTURE(way);
    bool is_right = false;
    for (int i = 0; i < kTries && !is_right; ++i) {
      const Outcome outcome = run_with_hung_resolver(way);
      INFO(outcome.describe());
      REQUIRE(outcome.succeeded());
      CHECK(outcome.took < kWholeLife);
      CHECK(outcome.number("asked") == 1);
      CHECK(outcome.number("balanced") == 1);
      CHECK(outcome.number("queued") == (way == "flush" ? 100 : 0));
      is_right = outcome.number("us") <= kLongest;
    }
    CHECK(is_right);
  }
}
