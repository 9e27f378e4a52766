// A listener is told the counters, on an interval and at the end; what it throws harms nobody.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "jtrace/jtrace.h"
#include "jtrace/reporter.h"
#include "support/http_server.h"
#include "support/log_capture.h"

namespace {

using namespace std::chrono_literals;

class Told {
 public:
  void take(const jtrace::Stats& stats) {
    const std::lock_guard lock(mutex_);
    last_ = stats;
    ++times_;
    changed_.notify_all();
  }
  bool wait_for(int times) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return times_ >= times; });
  }
  jtrace::Stats last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  jtrace::Stats last_;
  int times_ = 0;
};

}  // namespace

TEST_CASE("a listener is told on its interval, though nothing is finished meanwhile, and once more at the end") {
  const support::HttpServer server;
  Told told;
  auto made = jtrace::make_tracer({.service_name = "s",
                                   .endpoint = server.endpoint(),
                                   .stats_listener = jtrace::on_stats([&](const jtrace::Stats& stats) { told.take(stats); }),
                                   .stats_interval = 5ms,
                                   .flush_interval = 1h});
  REQUIRE(made.has_value());
  made->start_span("one").finish();
  CHECK(told.wait_for(3));
  CHECK(told.last().finished == 1);
  CHECK(told.last().queued == 1);
  made->start_span("two").finish();
  CHECK(made->close(10s));
  CHECK(told.last().acknowledged == 2);
  CHECK(told.last().is_balanced());
}

TEST_CASE("a listener that throws is told of, and spans go on") {
  const support::LogCapture log;
  const support::HttpServer server;
  auto made = jtrace::make_tracer({.service_name = "s",
                                   .endpoint = server.endpoint(),
                                   .stats_listener = jtrace::on_stats([](const jtrace::Stats&) { throw std::runtime_error("no room"); }),
                                   .stats_interval = 1ms});
  REQUIRE(made.has_value());
  made->start_span("one").finish();
  CHECK(made->close(10s));
  CHECK(made->stats().acknowledged == 1);
  CHECK(log.text().find("the listener for the counters failed: no room") != std::string::npos);
}
