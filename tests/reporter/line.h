// Line: a queue, a reporter and a far side that a test gives its words to, with the small language that the reporter's tests speak.
#pragma once

#include <doctest/doctest.h>

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jtrace/stats.h"
#include "record/record_builder.h"
#include "reporter/fake_transport.h"
#include "reporter/reporter.h"
#include "support/batch.h"

namespace fixture {

using jtrace::Stats;
using jtrace::detail::Reporter;
using jtrace::detail::Settings;
using jtrace::detail::SpanQueue;
using jtrace::detail::ThreadState;
using namespace std::chrono_literals;

inline constexpr std::int64_t kLong = std::chrono::nanoseconds(30s).count();

inline Settings settings(std::chrono::nanoseconds interval = 1h) {
  Settings settings;
  settings.service_name = "svc";
  settings.endpoint.url = "http://made.up/";
  settings.flush_interval = interval;
  settings.max_retry_time = 0s;  // what fails has failed; retry_test.cpp is about the rest
  return settings;
}

// A queue, a reporter and a far side. The timer fires in an hour unless a test says otherwise.
struct Line {
  explicit Line(Settings given = settings(), std::size_t queue_bytes = 4 << 20)
      : config(std::move(given)), queue(queue_bytes), reporter(queue, config, std::make_unique<FakeTransport>(far)) {
    queue.on_pressure([](void* whom) { static_cast<Reporter*>(whom)->wake(); }, &reporter);
    far.on_worker([this] { worker = gettid(); });
    REQUIRE(reporter.start());
    REQUIRE(far.wait_for_waits(2));  // once for that work; now it sleeps
  }
  ~Line() { close(0); }

  ThreadState& state() {
    if (!own) own = queue.adopt();
    return *own;
  }
  void finish(const std::string& name) { finish_on(state(), name); }
  void finish_on(ThreadState& on, const std::string& name, const std::string& text = "") {
    RecordBuilder span(name);
    if (!text.empty()) span.text("text", text);
    char* record = span.build();
    bool pushed = false;
    if (span.size() <= jtrace::detail::kChunkCapacity) {
      pushed = queue.push(on, record, span.size());
    } else {
      auto* header = reinterpret_cast<jtrace::detail::RecordHeader*>(record);
      const char* at = record;
      pushed = queue.push_pieces(on, header, span.size(), [&](char* to, std::size_t wanted) {
        std::memcpy(to, at, wanted);
        at += wanted;
      });
    }
    ++(pushed ? taken : refused);
  }
  bool flush(std::int64_t nanoseconds = kLong) { return reporter.flush(nanoseconds); }
  // Until the thread is gone too: then everything has been counted, and may be destroyed.
  bool close(std::int64_t nanoseconds = kLong) {
    if (std::exchange(closed, true)) return true;
    const bool sent = reporter.close(nanoseconds, Reporter::After::end);
    while (tgkill(getpid(), worker, 0) == 0) sched_yield();
    CHECK_FALSE(reporter.is_worker());  // an acquire of the last thing that the worker wrote
    return sent;
  }

  // The books, as the pipeline adds them up.
  Stats stats() const {
    Stats stats;
    reporter.add_to(stats);
    stats.finished = taken + refused;
    stats.drops.queue_full += refused;
    return stats;
  }
  std::vector<std::string> arrived() {
    std::vector<std::string> names;
    for (const std::string& body : far.bodies()) {
      for (const auto& span : support::decode_batch(body).spans) names.push_back(span.name);
    }
    return names;
  }

  FarSide far;
  const Settings config;
  SpanQueue queue;
  Reporter reporter;
  ThreadState* own = nullptr;
  std::atomic<std::uint64_t> taken{0}, refused{0};
  pid_t worker = 0;
  bool closed = false;
};

}  // namespace fixture
