// Thousands of threads, one after the other and at once: every span arrives, memory stays bounded.
#include <doctest/doctest.h>

#include "program.h"
#include "support/batch.h"
#include "support/http_server.h"
#include "support/memory.h"

namespace {

using support::HttpServer;
using support::Outcome;

Outcome run_calmly(const HttpServer& server, const std::string& scenario, long long spans,
                   long long may_grow) {
  // Without meson's MALLOC_PERTURB_, which fills what is reserved and so makes it count.
  const Outcome outcome = lifecycle::run_to(server.endpoint(), scenario,
                                            {{"JAEGER_REPORTER_FLUSH_INTERVAL", "50"}, {"MALLOC_PERTURB_", "0"}});
  INFO(outcome.describe());
  CHECK(outcome.succeeded());
  CHECK(outcome.number("flushed") == 1);
  CHECK(outcome.number("balanced") == 1);
  CHECK(outcome.number("finished") == spans);
  CHECK(outcome.number("acknowledged") == spans);
  if (!support::is_sanitized()) CHECK(outcome.number("grown") < may_grow);
  CHECK(support::spans_of(server).size() == static_cast<std::size_t>(spans));
  return outcome;
}

}  // namespace

TEST_CASE("ten thousand threads one after the other lose nothing and leave nothing behind") {
  // Of the second half, each thread that left 512 bytes behind would show.
  const HttpServer server;
  run_calmly(server, "ten thousand one after the other", 20'000, 5'000 * 400);
}

TEST_CASE("a thousand threads at once, several times, lose nothing and leave nothing behind") {
  const HttpServer server;
  run_calmly(server, "a thousand at once", 4 * 2000, 8 << 20);
}

TEST_CASE("spans that change hands between threads leave no memory where they go") {
  const HttpServer server;
  run_calmly(server, "spans change hands", 800 * 100, 8 << 20);
}
