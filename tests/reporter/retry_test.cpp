// What becomes of a batch that failed: when it is tried again, for how long, what goes when there are too many of them, what
// flush and close make of it, and that each span is counted once, under the reason for its loss.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "reporter/line.h"
#include "support/log_capture.h"

namespace {

using fixture::Line;
using fixture::Settings;
using jtrace::Stats;
using jtrace::detail::Answer;
using jtrace::detail::Outcome;
using namespace std::chrono_literals;

constexpr Outcome kOutcomes[] = {Outcome::unreachable, Outcome::timeout, Outcome::server_error};

// The timer never fires; attempts follow each other at once, or not at all by themselves.
Settings settings(std::chrono::nanoseconds wait = 1ms) {
  Settings settings = fixture::settings();
  settings.retry = {wait, wait};
  settings.max_retry_time = 1h;
  return settings;
}
// The first wait is long for sure: the far side asked for it.
Answer later(Outcome outcome) {
  Answer answer = outcome;
  answer.retry_after = std::chrono::nanoseconds(1h).count();
  return answer;
}
Answer nobody() {
  Answer answer = Outcome::unreachable;
  answer.is_nobody_there = true;
  return answer;
}
Answer too_large() {
  Answer answer = Outcome::rejected;
  answer.next = Answer::Next::halve;
  return answer;
}

}  // namespace

TEST_CASE("a batch that failed in a way that may pass is sent again, the same bytes, until it is taken") {
  const support::LogCapture log;
  for (const Outcome outcome : kOutcomes) {
    Line line(settings());
    line.far.answer({outcome, outcome, outcome, Outcome::acknowledged});
    line.finish("one");
    CHECK(line.flush());
    const auto bodies = line.far.bodies();
    REQUIRE(bodies.size() == 4);
    for (const std::string& body : bodies) CHECK(body == bodies[0]);
    const Stats stats = line.stats();
    CHECK(stats.acknowledged == 1);
    CHECK(stats.failed() == 0);
    CHECK(stats.retries == 3);
    CHECK(stats.batches == 1);
    CHECK(stats.is_balanced());
  }
}

TEST_CASE("what the far side has refused is not sent again") {
  const support::LogCapture log;
  Line line(settings());
  line.far.answer({Outcome::rejected, Outcome::acknowledged});
  line.finish("one");
  CHECK(line.flush());
  line.finish("two");
  CHECK(line.flush());
  CHECK(line.far.bodies().size() == 2);
  CHECK(line.stats().failures.rejected == 1);
  CHECK(line.stats().acknowledged == 1);
  CHECK(line.stats().retries == 0);
}

TEST_CASE("while a batch waits for its next attempt, what is finished is taken out of the queue and counted as queued") {
  const support::LogCapture log;
  Settings config = settings();
  config.flush_interval = 1ms;
  Line line(config, 256 << 10);
  line.far.answer({later(Outcome::server_error)});
  line.finish("first");
  REQUIRE(line.far.wait_for_bodies(1));
  for (int i = 0; i < 20'000; ++i) {  // much more than the queue holds
    line.finish("span");
    while (line.queue.size() > 200) sched_yield();
  }
  CHECK(line.refused == 0);
  CHECK(line.far.bodies().size() == 1);
  CHECK(line.stats().queued == 20'001);
  CHECK(line.stats().is_balanced());
  line.far.answers_at_once(Outcome::acknowledged);
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == 20'001);
  CHECK(line.arrived().size() == 20'002);  // the first one twice
}

TEST_CASE("over the budget the oldest batches go, counted under what the far side said last") {
  const support::LogCapture log;
  for (const Outcome outcome : kOutcomes) {
    Settings config = settings();
    config.flush_interval = 1ms;
    config.max_batch_bytes = 64 << 10;
    config.max_pending_bytes = 1 << 20;
    Line line(config);
    line.far.answer({later(outcome)});
    line.finish("first");
    REQUIRE(line.far.wait_for_bodies(1));
    while (line.stats().failed() < 1000) line.finish_on(line.state(), std::to_string(line.taken), std::string(1000, 'x'));
    while (line.queue.size() != 0) sched_yield();
    line.far.answers_at_once(Outcome::acknowledged);
    CHECK(line.flush());
    const Stats stats = line.stats();
    CHECK(stats.failed() == (outcome == Outcome::unreachable ? stats.failures.unreachable
                             : outcome == Outcome::timeout   ? stats.failures.timeout
                                                             : stats.failures.server_error));
    CHECK(stats.is_balanced());
    // What was kept is in one piece up to the newest, about as much as the budget.
    const std::vector<std::string> names = line.arrived();
    REQUIRE(names.size() == 1 + stats.acknowledged);
    for (std::size_t i = 1; i < names.size(); ++i)
      CHECK(names[i] == std::to_string(line.taken - stats.acknowledged + i - 1));
    CHECK(stats.acknowledged < 1100);
    CHECK(stats.acknowledged > 700);
  }
}

TEST_CASE("a batch that has been tried for max_retry_time is lost, and the next one is tried") {
  const support::LogCapture log;
  Settings config = settings();
  config.max_retry_time = 20ms;
  Line line(config);
  line.far.answers_at_once(Outcome::server_error);
  line.finish("one");
  CHECK(line.flush());
  CHECK(line.stats().failures.server_error == 1);
  CHECK(line.stats().retries > 0);
  line.far.answers_at_once(Outcome::acknowledged);
  line.finish("two");
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == 1);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("nobody waits longer than max_retry_time, however long the far side asks to") {
  const support::LogCapture log;
  Settings config = settings();
  config.max_retry_time = 20ms;
  Line line(config);
  line.far.answers_at_once(later(Outcome::server_error));
  line.finish("one");
  CHECK_FALSE(line.flush(1));
  while (line.stats().failed() == 0) sched_yield();
  CHECK(line.stats().failures.server_error == 1);
  CHECK(line.far.bodies().size() == 2);
}

TEST_CASE("a flush cuts a wait short, also one that the far side asked for, and goes on trying while it has time") {
  const support::LogCapture log;
  Line line(settings());
  line.far.answer({later(Outcome::server_error)});
  line.finish("one");
  CHECK_FALSE(line.flush(std::chrono::nanoseconds(20ms).count()));
  CHECK(line.far.bodies().size() == 1);
  line.far.answer({Outcome::timeout, Outcome::server_error, Outcome::acknowledged});
  CHECK(line.flush());
  CHECK(line.far.bodies().size() == 4);
  CHECK(line.stats().acknowledged == 1);
}

TEST_CASE("a flush where nobody listens says no at once, and the spans are kept") {
  const support::LogCapture log;
  Line line(settings(1h));
  line.far.answer({nobody()});
  line.finish("one");
  CHECK_FALSE(line.flush());
  CHECK(line.stats().queued == 1);
  line.far.answer({nobody()});
  CHECK_FALSE(line.flush());
  CHECK(line.far.bodies().size() == 2);
  line.far.answer({Outcome::acknowledged});
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == 1);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("a close where nobody listens ends at once and counts what is left as aborted") {
  const support::LogCapture log;
  Line line(settings(1h));
  line.far.answers_at_once(nobody());
  for (int i = 0; i < 5; ++i) line.finish("span");
  CHECK_FALSE(line.close());
  CHECK(line.stats().failures.aborted == 5);
  CHECK(line.stats().queued == 0);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("a close gives a batch that waits one more attempt, and ends when it is taken") {
  const support::LogCapture log;
  Line line(settings());
  line.far.answer({later(Outcome::server_error)});
  line.finish("one");
  CHECK_FALSE(line.flush(std::chrono::nanoseconds(20ms).count()));
  line.far.answer({Outcome::acknowledged});
  CHECK(line.close());
  CHECK(line.stats().acknowledged == 1);
  CHECK(line.stats().failed() == 0);
}

TEST_CASE("a close with its time over counts what waits for another attempt as aborted") {
  const support::LogCapture log;
  Line line(settings());
  line.far.answers_at_once(Outcome::server_error);
  for (int i = 0; i < 5; ++i) line.finish("span");
  CHECK_FALSE(line.close(std::chrono::nanoseconds(30ms).count()));
  CHECK(line.stats().failures.aborted == 5);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("batches that wait do not keep the worker busy") {
  const support::LogCapture log;
  Line line(settings(1h));
  line.far.answer({later(Outcome::server_error)});
  line.finish("one");
  CHECK_FALSE(line.flush(std::chrono::nanoseconds(20ms).count()));
  REQUIRE(line.far.wait_for_waits(3));
  const std::size_t before = line.far.waits();
  CHECK_FALSE(line.flush(0));
  CHECK(line.far.waits() <= before + 5);
}

TEST_CASE("a batch that was too large is sent in two halves, in order, each span once") {
  const support::LogCapture log;
  Line line(settings());
  std::vector<std::string> all;
  for (int i = 0; i < 101; ++i) {
    all.push_back("span" + std::to_string(i));
    line.finish(all.back());
  }
  line.far.answer({too_large(), Outcome::acknowledged, Outcome::acknowledged, Outcome::acknowledged});
  CHECK(line.flush());
  line.finish("after");
  CHECK(line.flush());
  const auto bodies = line.far.bodies();
  REQUIRE(bodies.size() == 4);
  std::vector<std::string> halves;
  for (std::size_t i = 1; i < 3; ++i) {
    const auto batch = support::decode_batch(bodies[i]);
    CHECK(batch.service == "svc");
    for (const auto& span : batch.spans) halves.push_back(span.name);
  }
  CHECK(halves == all);
  CHECK(support::decode_batch(bodies[1]).spans.size() == 51);
  CHECK(line.stats().acknowledged == 102);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("halves are not halved again, and one span has no half") {
  const support::LogCapture log;
  Line line(settings());
  for (int i = 0; i < 10; ++i) line.finish("span");
  line.far.answer({too_large(), too_large(), Outcome::acknowledged});
  CHECK(line.flush());
  CHECK(line.stats().failures.rejected == 5);
  CHECK(line.stats().acknowledged == 5);
  line.finish("one");
  line.far.answer({too_large()});
  CHECK(line.flush());
  CHECK(line.stats().failures.rejected == 6);
  CHECK(line.far.bodies().size() == 4);
  CHECK(line.stats().is_balanced());
}

TEST_CASE("halves whose connection is broken again are tried again, as they are") {
  const support::LogCapture log;
  Line line(settings());
  for (int i = 0; i < 10; ++i) line.finish("span");
  Answer reset = Outcome::unreachable;
  reset.next = Answer::Next::halve;
  line.far.answer({reset, reset, reset, Outcome::acknowledged, Outcome::acknowledged});
  CHECK(line.flush());
  CHECK(line.far.bodies().size() == 5);
  CHECK(line.stats().acknowledged == 10);
}

TEST_CASE("flushes while a batch waits do not make a batch each") {
  const support::LogCapture log;
  Line line(settings());
  line.far.answers_at_once(nobody());
  for (int i = 0; i < 500; ++i) {
    line.finish("span" + std::to_string(i));
    CHECK_FALSE(line.flush());
  }
  const std::size_t tried = line.far.bodies().size();
  line.far.answers_at_once(Outcome::acknowledged);
  CHECK(line.flush());
  CHECK(line.far.bodies().size() <= tried + 5);
  CHECK(line.stats().acknowledged == 500);
  CHECK(line.stats().failed() == 0);
  const std::vector<std::string> names = line.arrived();
  for (int i = 0; i < 499; ++i) CHECK(names[names.size() - 499 + static_cast<std::size_t>(i)] == "span" + std::to_string(i + 1));
}

// It once made the worker reopen that batch for ever.
TEST_CASE("a large span that does not fit behind a small batch that waits begins another one") {
  const support::LogCapture log;
  auto small = settings();
  small.max_batch_bytes = 32 << 10;
  Line line(small);
  line.far.answers_at_once(nobody());
  line.finish("first");
  CHECK_FALSE(line.flush());
  line.finish_on(line.state(), "second", std::string(10'000, 'x'));
  CHECK_FALSE(line.flush());
  line.finish_on(line.state(), "large", std::string(24'000, 'x'));
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(line.flush());
  CHECK(std::chrono::steady_clock::now() - start < 20s);
  line.far.answers_at_once(Outcome::acknowledged);
  CHECK(line.flush());
  CHECK(line.stats().acknowledged == 3);
}
