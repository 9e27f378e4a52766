// The program that the fault suite watches: threads that come and go trace, the process forks, and it ends in one of three ways:
// with a flush, with a close that cannot wait for long, or by exit alone. What is by chance comes from its first argument.
//
// Each process, the forked children too, tells its books and the ids of the spans that it finished on descriptor 3, in one line.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "chaos_span.h"
#include "jtrace/jtrace.h"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Random = std::mt19937_64;

struct Options {
  std::uint64_t seed = 0;
  std::string endpoint;
  std::chrono::milliseconds time{0};
  bool is_wild = false;
  bool forks = false;
};

// What this process did; a forked child begins another one.
struct Books {
  std::mutex mutex;
  std::string ids;  // guarded by it
  std::uint64_t finished = 0;
  bool is_child = false;
  bool is_patient = false;  // as long as it takes
  bool is_flushed = false;
};
Books* books = new Books;
jtrace::Tracer traced;

// A close waits a moment for the worker to count what it gives up; on a busy machine that takes longer.
jtrace::Stats last_stats() {
  const auto deadline = Clock::now() + 10s;
  while (traced.stats().queued != 0 && Clock::now() < deadline) std::this_thread::yield();
  return traced.stats();
}

// After the exit flush.
void tell() {
  const jtrace::Stats stats = last_stats();
  std::string line;
  const auto add = [&](const char* key, std::uint64_t value) { line.append(key).append("=").append(std::to_string(value)).append(" "); };
  add("child", books->is_child);
  add("told", books->finished);
  add("patient", books->is_patient);
  add("flushed", books->is_flushed);
  add("balanced", stats.is_balanced());
  add("finished", stats.finished);
  add("acknowledged", stats.acknowledged);
  add("queued", stats.queued);
  add("dropped", stats.dropped());
  add("failed", stats.failed());
  add("rejected", stats.failures.rejected);
  add("aborted", stats.failures.aborted);
  line.append("ids=").append(books->ids).append("\n");
  // A child's is short enough to be written in one piece.
  for (std::string_view left = line; !left.empty();) {
    const ssize_t written = write(3, left.data(), left.size());
    if (written <= 0) std::abort();
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

// A thread's share of the books.
class Work {
 public:
  explicit Work(std::uint64_t seed) : random_(seed) {}
  ~Work() {
    const std::lock_guard lock(books->mutex);
    books->ids += ids_;
    books->finished += count_;
  }

  void trace(std::uint64_t spans) {
    auto outer = traced.start_active_span("outer");
    for (std::uint64_t i = 1; i < spans; ++i) finish(jtrace::start_span("inner"));
    finish(std::move(outer).release());
  }
  void finish(jtrace::Span span) {
    const std::uint64_t id = span.context().span_id().value;
    char hex[20];
    ids_.append(hex, static_cast<std::size_t>(std::snprintf(hex, sizeof hex, "%llx,", static_cast<unsigned long long>(id))));
    ++count_;
    span.set_tag("text", chaos::text_of(id));
    span.finish();
  }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  Random random_;
  std::string ids_;
  std::uint64_t count_ = 0;
};

std::chrono::nanoseconds any_retry_time(Random& random) {
  constexpr std::chrono::nanoseconds times[] = {0s, 50ms, 1h, 1h, 1h};
  return times[random() % std::size(times)];
}

bool is_patient(const jtrace::Config& config) { return *config.max_retry_time == 1h && !config.max_pending_bytes.is_set(); }

jtrace::Config any_config(const Options& options, Random& random) {
  jtrace::Config config{.service_name = "chaos",
                        .endpoint = options.endpoint,
                        .flush_interval = std::chrono::milliseconds(1 + random() % 40),
                        .exit_flush_timeout = std::chrono::milliseconds(50 + random() % 500),
                        .request_timeout = options.is_wild ? std::chrono::nanoseconds(200ms) : 30s,
                        .retry = {.initial = 1ms, .max = 20ms},
                        .max_retry_time = any_retry_time(random),
                        .max_queue_bytes = std::int64_t{1} << (18 + random() % 6),
                        .max_batch_bytes = std::int64_t{1} << (15 + random() % 5)};
  if (random() % 4 == 0) config.max_pending_bytes = 256 << 10;
  return config;
}

// One thread after the other until the time is over.
void produce(std::uint64_t seed, Clock::time_point end) {
  for (Random random(seed); Clock::now() < end;) {
    std::thread([seed = random(), end] {
      Work work(seed);
      for (std::uint64_t left = 1 + work.below(40); left != 0 && Clock::now() < end; --left) {
        work.trace(1 + work.below(30));
        std::this_thread::sleep_for(std::chrono::microseconds(work.below(3000)));
      }
    }).join();
  }
}

[[noreturn]] void be_child(jtrace::Span inherited, std::uint64_t seed) {
  books = new Books;
  books->is_child = true;
  {
    Work work(seed);
    inherited.set_tag("text", "by the child").finish();
    work.trace(1 + work.below(60));
    if (work.below(2) == 0) books->is_flushed = traced.flush(std::chrono::milliseconds(work.below(300)));
  }
  std::exit(0);  // tells
}

// Until the time is over; then until all children have ended. How many did not end as they should.
int fork_now_and_then(Random& random, Clock::time_point end) {
  Work work(random());
  std::vector<pid_t> children;
  for (;;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + random() % 100));
    if (Clock::now() >= end) break;
    jtrace::Span open = traced.start_span("open at the fork");
    const std::uint64_t seed = random();
    const pid_t child = fork();
    if (child == 0) be_child(std::move(open), seed);
    if (child > 0) children.push_back(child);
    work.finish(std::move(open));
  }
  int bad = 0;
  for (const pid_t child : children) {
    int status = 0;
    bad += waitpid(child, &status, 0) != child || status != 0;
  }
  return bad;
}

// Where nobody listens a flush says so at once; that is over soon.
void flush_patiently() {
  const auto deadline = Clock::now() + 20s;
  while (!(books->is_flushed = traced.flush(deadline - Clock::now())) && Clock::now() < deadline) std::this_thread::sleep_for(1ms);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  const Options options{.seed = std::strtoull(argv[1], nullptr, 10),
                        .endpoint = argv[2],
                        .time = std::chrono::milliseconds(std::atoi(argv[3])),
                        .is_wild = argv[4] == std::string_view("wild"),
                        .forks = argv[5] == std::string_view("forks")};
  std::atexit(tell);  // older than the library's own handler, so that it runs after it
  Random random(options.seed);
  jtrace::Config config = any_config(options, random);
  config.limits.value_length = 0;
  auto made = jtrace::make_tracer(config);
  if (!made.has_value()) return 3;
  traced = *made;

  const auto end = Clock::now() + options.time;
  std::vector<std::thread> producers;
  for (std::uint64_t left = 1 + random() % 4; left != 0; --left) producers.emplace_back(produce, random(), end);
  const int bad_children = options.forks ? fork_now_and_then(random, end) : 0;
  for (std::thread& producer : producers) producer.join();

  const auto way = random() % 3;
  if (way == 0) {
    books->is_patient = is_patient(config);
    flush_patiently();
    traced.close(1s);
  } else if (way == 1) {
    traced.close(std::chrono::milliseconds(random() % 300));
  }
  return bad_children == 0 ? 0 : 4;
}
