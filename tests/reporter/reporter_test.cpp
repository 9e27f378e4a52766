// The reporter's thread against a far side that answers as the test says: when it sends, what flush and close promise, how each
// outcome is counted, what the worker is as a thread, and that the books are balanced whenever all is quiet.
#include "reporter/reporter.h"

#include <doctest/doctest.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/thread.h"
#include "record/record_builder.h"
#include "reporter/line.h"
#include "support/batch.h"
#include "support/log_capture.h"

namespace {

using fixture::kLong;
using fixture::Line;
using fixture::settings;
using fixture::RecordBuilder;
using jtrace::Stats;
using jtrace::detail::ChunkPool;
using jtrace::detail::Outcome;
using jtrace::detail::Reporter;
using jtrace::detail::Settings;
using jtrace::detail::SpanQueue;
using jtrace::detail::ThreadState;
using namespace std::chrono_literals;

std::vector<std::string> names(const std::string& prefix, int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(prefix + std::to_string(i));
  return all;
}

}  // namespace

TEST_CASE("what was finished is sent when the timer fires, without a call") {
  Line line(settings(20ms));
  line.finish("one");
  line.finish("two");
  line.far.answers_at_once(Outcome::acknowledged);
  REQUIRE(line.far.wait_for_bodies(1));
  line.finish("three");
  CHECK(line.flush());
  CHECK(line.arrived() == std::vector<std::string>{"one", "two", "three"});
  CHECK(line.stats().acknowledged == 3);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("before its timer the worker keeps what it read, and counts it as queued") {
  Line line;
  line.finish("one");
  CHECK(line.stats().queued == 1);
  line.reporter.wake();
  REQUIRE(line.far.wait_for_waits(3));  // read, encoded, not sent
  CHECK(line.queue.size() == 0);
  CHECK(line.stats().queued == 1);
  CHECK(line.far.bodies().empty());
  CHECK(line.stats().is_balanced());
}

TEST_CASE("a flush sends everything that was finished before it, from all threads, in each one's order") {
  Line line;
  line.far.answers_at_once(Outcome::acknowledged);
  ThreadState* others[] = {line.queue.adopt(), line.queue.adopt()};
  for (const std::string& name : names("a", 500)) line.finish(name);
  for (const std::string& name : names("b", 500)) line.finish_on(*others[0], name);
  for (const std::string& name : names("c", 500)) line.finish_on(*others[1], name);
  CHECK(line.flush());
  std::vector<std::string> wanted;
  for (const char* prefix : {"a", "b", "c"}) {
    for (const std::string& name : names(prefix, 500)) wanted.push_back(name);
  }
  auto arrived = line.arrived();
  std::stable_sort(arrived.begin(), arrived.end(), [](const auto& a, const auto& b) { return a[0] < b[0]; });
  CHECK((arrived == wanted));
  CHECK(line.stats().acknowledged == 1500);
  CHECK(line.stats().queued == 0);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("a flush with nothing to send is done at once") {
  Line line;
  CHECK(line.flush());
  CHECK(line.flush());
  CHECK(line.far.bodies().empty());
}

TEST_CASE("a flush waits for the answer, not just for the sending, and says so when time is up") {
  Line line;
  line.finish("one");
  CHECK_FALSE(line.flush(std::chrono::nanoseconds(20ms).count()));
  REQUIRE(line.far.wait_for_bodies(1));
  CHECK(line.stats().queued == 1);
  CHECK(line.stats().is_balanced());
  const std::size_t waits = line.far.waits();
  line.far.answer({Outcome::acknowledged});
  REQUIRE(line.far.wait_for_waits(waits + 1));
  CHECK(line.stats().acknowledged == 1);
  CHECK(line.stats().queued == 0);
  CHECK(line.flush());
}

TEST_CASE("a flush completes while other threads finish spans without a pause") {
  Line line;
  line.far.answers_at_once(Outcome::acknowledged);
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      ThreadState* state = line.queue.adopt();
      while (!done) line.finish_on(*state, "load");
    });
  }
  for (int i = 0; i < 10; ++i) {
    line.finish("mine " + std::to_string(i));
    CHECK(line.flush());
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == line.taken);
  CHECK(line.stats().is_balanced());
}

// A collector that answers, or is refused, at once never leaves the worker with its hands full. Here more is finished
// with each batch that goes out than fits into one, so that the queue is never read to its end.
TEST_CASE("a flush completes although spans are finished as fast as batches are answered") {
  Settings small = settings();
  small.max_batch_bytes = 4096;
  Line line(small);
  line.far.answers_at_once(Outcome::acknowledged);
  ThreadState& loud = *line.queue.adopt();
  const auto give_up = std::chrono::steady_clock::now() + 3s;
  std::atomic<bool> done{false};
  line.far.on_submit([&] {
    if (done || std::chrono::steady_clock::now() > give_up) return;
    for (int i = 0; i < 100; ++i) line.finish_on(loud, "load");
  });
  line.finish("mine");
  for (int i = 0; i < 100; ++i) line.finish_on(loud, "load");
  CHECK(line.flush(std::chrono::nanoseconds(2s).count()));
  done = true;
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == line.taken);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("a flush that is asked for while another one is under way is served as soon as that one is done") {
  for (const bool has_more : {true, false}) {
    CAPTURE(has_more);
    Line line;
    line.finish("one");
    bool first_done = false, second_done = false;
    std::thread first([&] { first_done = line.flush(); });
    REQUIRE(line.far.wait_for_bodies(1));
    const std::size_t waits = line.far.waits();
    if (has_more) line.finish("two");
    std::thread second([&] { second_done = line.flush(std::chrono::nanoseconds(3s).count()); });
    // The worker has seen the second one, and waits for the answer to the first.
    REQUIRE(line.far.wait_for_waits(waits + 1));
    line.far.answer({Outcome::acknowledged, Outcome::acknowledged});
    first.join();
    second.join();
    CHECK(first_done);
    CHECK(second_done);
    CHECK(line.stats().acknowledged == (has_more ? 2 : 1));
  }
}

TEST_CASE("a close that is asked for while a flush is under way ends as soon as that one is done") {
  for (const bool has_more : {true, false}) {
    CAPTURE(has_more);
    Line line;
    line.finish("one");
    bool flushed = false, closed = false;
    std::thread first([&] { flushed = line.flush(); });
    REQUIRE(line.far.wait_for_bodies(1));
    const std::size_t waits = line.far.waits();
    if (has_more) line.finish("two");
    std::thread second([&] { closed = line.close(std::chrono::nanoseconds(3s).count()); });
    REQUIRE(line.far.wait_for_waits(waits + 1));
    line.far.answer({Outcome::acknowledged, Outcome::acknowledged});
    first.join();
    second.join();
    CHECK(flushed);
    CHECK(closed);
    CHECK(line.stats().acknowledged == (has_more ? 2 : 1));
    CHECK(line.stats().failures.aborted == 0);
    CHECK(line.stats().is_balanced());
  }
}

TEST_CASE("many threads may flush at once, and each is told when its own spans are through") {
  Line line;
  line.far.answers_at_once(Outcome::acknowledged);
  std::atomic<int> missed{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 6; ++number) {
    threads.emplace_back([&] {
      ThreadState* state = line.queue.adopt();
      for (int i = 0; i < 30; ++i) {
        line.finish_on(*state, "span");
        if (missed == 0 && !line.flush(std::chrono::nanoseconds(5s).count())) ++missed;
        if (state->drained.get() != state->pushed.get()) ++missed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(missed == 0);
  CHECK(line.flush());
  CHECK(line.arrived().size() == 180);
  CHECK(line.stats().acknowledged == 180);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("each outcome is counted under its own reason, spans, batches and bytes") {
  const support::LogCapture log;
  const struct {
    Outcome outcome;
    std::uint64_t (*count)(const Stats&);
  } cases[] = {
      {Outcome::acknowledged, [](const Stats& stats) { return stats.acknowledged; }},
      {Outcome::unreachable, [](const Stats& stats) { return stats.failures.unreachable; }},
      {Outcome::timeout, [](const Stats& stats) { return stats.failures.timeout; }},
      {Outcome::rejected, [](const Stats& stats) { return stats.failures.rejected; }},
      {Outcome::server_error, [](const Stats& stats) { return stats.failures.server_error; }},
  };
  Line line;
  std::uint64_t spans = 0, bytes = 0;
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    line.far.answer({cases[i].outcome});
    for (std::size_t more = 0; more <= i; ++more) line.finish("span"), ++spans;
    CHECK(line.flush());
    const Stats stats = line.stats();
    CHECK(cases[i].count(stats) == i + 1);
    CHECK(stats.acknowledged + stats.failed() == spans);
    CHECK(stats.batches == i + 1);
    bytes += line.far.bodies().back().size();
    CHECK(stats.bytes == bytes);
    CHECK(stats.queued == 0);
    CHECK(stats.is_balanced());
  }
  CHECK(log.count("spans lost: made up") == 4);
}

TEST_CASE("after a batch that failed the next one is sent") {
  const support::LogCapture log;
  Line line;
  line.far.answer({Outcome::unreachable, Outcome::acknowledged});
  line.finish("lost");
  CHECK(line.flush());
  line.finish("arrives");
  CHECK(line.flush());
  CHECK(line.stats().failures.unreachable == 1);
  CHECK(line.stats().acknowledged == 1);
}

TEST_CASE("no batch is larger than max_batch_bytes, and all of the spans arrive in order") {
  Settings small = settings();
  small.max_batch_bytes = 4096;
  Line line(small);
  line.far.answers_at_once(Outcome::acknowledged);
  const auto all = names("span", 1000);
  for (const std::string& name : all) line.finish_on(line.state(), name, std::string(name.size() * 37 % 300, 'x'));
  CHECK(line.flush());
  CHECK((line.arrived() == all));
  CHECK(line.far.bodies().size() > 10);
  for (const std::string& body : line.far.bodies()) CHECK(body.size() <= 4096);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("a span larger than a batch is dropped and counted, and its neighbours arrive") {
  Settings small = settings();
  small.max_batch_bytes = 2048;
  Line line(small);
  line.far.answers_at_once(Outcome::acknowledged);
  line.finish("before");
  line.finish_on(line.state(), "large", std::string(3000, 'x'));
  line.finish_on(line.state(), "larger than a chunk", std::string(10'000, 'x'));
  line.finish("behind");
  CHECK(line.flush());
  CHECK(line.arrived() == std::vector<std::string>{"before", "behind"});
  CHECK(line.stats().drops.too_large == 2);
  CHECK(line.stats().acknowledged == 2);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("a far side that does not answer fills the batches at hand, then the queue, then spans are refused") {
  Settings small = settings();
  small.max_batch_bytes = 4096;
  Line line(small, 64 * 1024);
  for (int i = 0; i < 3000; ++i) line.finish_on(line.state(), "span", std::string(100, 'x'));
  line.reporter.wake();
  REQUIRE(line.far.wait_for_bodies(1));
  for (int i = 0; i < 3000; ++i) line.finish_on(line.state(), "span", std::string(100, 'x'));
  CHECK(line.refused > 0);
  CHECK(line.far.bodies().size() == 1);  // one at a time
  CHECK(line.stats().is_balanced());
  line.far.answers_at_once(Outcome::acknowledged);
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == line.taken);
  CHECK(line.stats().queued == 0);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("close sends what was finished before it, and after it nothing is flushed any more") {
  Line line;
  line.far.answers_at_once(Outcome::acknowledged);
  for (const std::string& name : names("span", 100)) line.finish(name);
  CHECK(line.close());
  CHECK(line.arrived() == names("span", 100));
  CHECK(line.stats().acknowledged == 100);
  CHECK(line.stats().is_balanced());
  CHECK_FALSE(line.flush());
}

TEST_CASE("what is finished after the worker has ended is counted as dropped by the close") {
  Line line;
  line.far.answers_at_once(Outcome::acknowledged);
  line.finish("in time");
  CHECK(line.close());
  line.finish("late");
  CHECK(line.stats().acknowledged == 1);
  CHECK(line.stats().drops.closed == 1);
  CHECK(line.stats().queued == 0);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("close gives up at its deadline and counts as aborted what is under way, at hand and in the queue") {
  Settings small = settings();
  small.max_batch_bytes = 4096;
  Line line(small);
  for (int i = 0; i < 1000; ++i) line.finish_on(line.state(), "span", std::string(100, 'x'));
  line.far.answer({Outcome::acknowledged});
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(line.close(std::chrono::nanoseconds(50ms).count()));
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK(line.far.aborts() == 1);
  const Stats stats = line.stats();
  CHECK(stats.acknowledged == support::decode_batch(line.far.bodies().at(0)).spans.size());
  CHECK(stats.failures.aborted == 1000 - stats.acknowledged);
  CHECK(stats.queued == 0);
  CHECK(stats.is_balanced());
}

TEST_CASE("half of the pool used wakes the worker, which makes room long before its timer") {
  Settings small = settings();
  small.max_batch_bytes = 16 * 1024;
  Line line(small, 256 * 1024);
  line.far.answers_at_once(Outcome::acknowledged);
  const std::uint32_t half = line.queue.chunks().wake_threshold();
  CHECK(half == 32);
  for (int i = 0; i < 1800; ++i) line.finish_on(line.state(), "span", std::string(16, 'x'));
  REQUIRE(line.far.wait_for_bodies(1));
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == line.taken);
}

TEST_CASE("a far side that does not answer leaves the callers alone: nobody wakes a worker that can do nothing") {
  constexpr std::uint64_t kMany = 10'000;
  Line line;
  const auto refused_of_many = [&] {
    const std::uint64_t before = line.refused;
    for (std::uint64_t i = 0; i < kMany; ++i) line.finish("span");
    return line.refused - before;
  };
  // Until the batches at hand are full, and the queue, and the worker has said that it can do nothing.
  const ChunkPool& pool = line.queue.chunks();
  while (refused_of_many() != kMany || pool.needs_reporter(0)) std::this_thread::yield();
  const std::size_t before = line.far.waits();
  CHECK(refused_of_many() == kMany);
  CHECK(line.far.waits() < before + 20);
  line.far.answers_at_once(Outcome::acknowledged);
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == line.taken);
}

TEST_CASE("a thread with one span does not wait behind a thread with very many") {
  Line line(settings(), 64 << 20);
  line.far.answers_at_once(Outcome::acknowledged);
  ThreadState& loud = line.state();
  for (int i = 0; i < 15'000; ++i) line.finish_on(loud, "loud", std::string(100, 'x'));
  line.finish_on(*line.queue.adopt(), "quiet");
  CHECK(line.flush());
  const auto bodies = line.far.bodies();
  REQUIRE(bodies.size() > 1);
  bool is_in_first = false;
  for (const auto& span : support::decode_batch(bodies[0]).spans) is_in_first = is_in_first || span.name == "quiet";
  CHECK(is_in_first);
  CHECK(line.stats().acknowledged == 15'001);
}

// Promised: however many threads call at once, the wake descriptor is written once per cycle of the worker, and after the
// last call the worker looks once more. A breach shows as a count above one, or as a record left in the queue.
TEST_CASE("waking costs at most one system call a cycle, and no wake-up is lost") {
  Line line;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      ThreadState* state = line.queue.adopt();
      for (int i = 0; i < 5'000; ++i) {
        if (i % 100 == 0) line.finish_on(*state, "span");
        line.reporter.wake();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (line.queue.size() != 0) std::this_thread::yield();
  CHECK(line.far.most_writes_in_a_cycle() == 1);
  CHECK(line.stats().queued == 200);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("the worker has its name, the default policy and all signals blocked, and may not trace") {
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  Line line;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int signal = 1; signal <= 31; ++signal) CHECK(sigismember(&before, signal) == sigismember(&after, signal));

  char name[32] = {};
  int policy = -1, blocked = 0;
  bool may_trace = true;
  line.far.on_worker([&] {
    pthread_getname_np(pthread_self(), name, sizeof name);
    sched_param param{};
    pthread_getschedparam(pthread_self(), &policy, &param);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    for (int signal = 1; signal <= 31; ++signal) blocked += sigismember(&mask, signal);
    may_trace = jtrace::detail::idle_thread() != nullptr;
  });
  REQUIRE(line.far.wait_for_work());
  CHECK(std::string(name) == "jtrace");
  CHECK(policy == SCHED_OTHER);
  CHECK(blocked == 29);  // all but SIGKILL and SIGSTOP, which nobody can block
  CHECK_FALSE(may_trace);
}

TEST_CASE("flush and close from the worker itself return at once, saying no") {
  Line line;
  bool flushed = true, closed = true, is_worker = false;
  line.far.on_worker([&] {
    is_worker = line.reporter.is_worker();
    flushed = line.flush();
    closed = line.reporter.close(kLong, Reporter::After::end);
  });
  REQUIRE(line.far.wait_for_work());
  CHECK(is_worker);
  CHECK_FALSE(line.reporter.is_worker());
  CHECK_FALSE(flushed);
  CHECK_FALSE(closed);
  line.far.answers_at_once(Outcome::acknowledged);
  line.finish("still at work");
  CHECK(line.flush());
}

TEST_CASE("every batch names the service, the library's version, and the user's own tags last") {
  Settings own = settings();
  own.tags = {{"hostname", "mine"}, {"zone", "a"}, {"zone", "b"}};
  Line line(own);
  line.far.answers_at_once(Outcome::acknowledged);
  line.finish("one");
  CHECK(line.flush());
  line.finish("two");
  CHECK(line.flush());
  for (const std::string& body : line.far.bodies()) {
    const auto batch = support::decode_batch(body);
    CHECK(batch.service == "svc");
    REQUIRE(batch.process_tag("jaeger.version") != nullptr);
    CHECK(batch.process_tag("jaeger.version")->text.starts_with("jtrace-"));
    CHECK(batch.process_tag("hostname")->text == "mine");
    CHECK(batch.process_tag("zone")->text == "b");
    int hostnames = 0;
    for (const auto& tag : batch.process_tags) hostnames += tag.key == "hostname" || tag.key == "zone";
    CHECK(hostnames == 2);
  }
}
