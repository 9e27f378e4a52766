// How many spans a second come through: from a caller on one core, through the reporter, over HTTP on the loopback, to a
// sink in another process that discards them, on whichever core is free; beside the usual way, which is structs through moodycamel's queue, the
// generated writer and libcurl.
//
// The clock runs from the first start to the last acknowledgement. The caller goes at full speed as long as there is room in
// the queue and pauses where there is not much left, so that what is measured is the rate that the whole line keeps up
// without loss. A run in which a span is lost is reported as a rate of zero.
#include <curl/curl.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "measures.h"
#include "rig.h"
#include "usual_writer.h"
#include "workload.h"

namespace bench {
namespace {

constexpr int kSpans = 2'000'000;
constexpr int kUsualSpans = 400'000;
constexpr int kStride = 1000;          // spans between two looks at the queue
constexpr std::size_t kMostQueued = 300'000;  // 38 of 64 MiB
constexpr int kPause = 200;            // microseconds

template <class Trace, class Queued>
void trace_with_room(int count, Trace&& trace, Queued&& queued) {
  for (int i = 0; i < count; ++i) {
    trace(i);
    if (i % kStride == 0) {
      while (queued() > kMostQueued) sleep_microseconds(kPause);
    }
  }
}

void end_to_end(benchmark::State& state) {
  static const Rig* const made = new Rig(0, SinkProcess::Place::anywhere);
  const Rig& on = *made;
  const jtrace::ActiveSpan parent = on.tracer().start_active_span("parent");
  run_rate(state, [&] {
    const std::uint64_t lost_before = on.lost();
    const double start = wall_nanoseconds();
    trace_with_room(kSpans, [&](int i) { trace_call(on.tracer(), i); }, [&] { return on.tracer().stats().queued; });
    on.drain();
    const double seconds = (wall_nanoseconds() - start) / 1e9;
    return on.lost() == lost_before ? kSpans / seconds : 0;
  });
}

// ── the usual way ──

// Takes spans from the queue, fills the generated structs, writes them and POSTs a megabyte at a time.
class UsualReporter {
 public:
  explicit UsualReporter(const std::string& endpoint) : endpoint_(endpoint), thread_([this] { work(); }) {}

  usual::Queue queue{512 * 1024};
  std::uint64_t sent() const { return sent_.load(); }
  void finish(std::uint64_t count) {
    flush_at_.store(count);
    while (sent_.load() < count) sleep_microseconds(kPause);
  }

 private:
  static constexpr std::size_t kBatch = 4500;  // about a megabyte

  void work() {
    pin_this_thread(Core::reporters);
    prepare();
    std::vector<usual::Span> spans(256);
    for (;;) {
      const std::size_t count = queue.try_dequeue_bulk(spans.begin(), std::min(spans.size(), kBatch - batch_.spans.size()));
      for (std::size_t i = 0; i < count; ++i) usual::fill(batch_.spans.emplace_back(), spans[i]);
      const bool is_due = sent_ + batch_.spans.size() == flush_at_.load();
      if (batch_.spans.size() == kBatch || (is_due && !batch_.spans.empty())) post();
      if (count == 0) sleep_microseconds(kPause);
    }
  }

  void prepare() {
    batch_.process.serviceName = "bench";
    batch_.spans.reserve(kBatch);
    curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/x-thrift");
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(curl_, CURLOPT_URL, endpoint_.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl_, CURLOPT_POST, 1L);
    curl_easy_setopt(curl_, CURLOPT_UPLOAD_BUFFERSIZE, 512 * 1024L);
  }

  void post() {
    const std::string_view body = writer_.write(batch_);
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
    if (curl_easy_perform(curl_) != CURLE_OK) std::fputs("the usual way could not send\n", stderr);
    sent_ += batch_.spans.size();
    batch_.spans.clear();
  }

  const std::string endpoint_;
  CURL* curl_ = curl_easy_init();
  usual::wire::Batch batch_;
  usual::Writer writer_;
  std::atomic<std::uint64_t> sent_{0}, flush_at_{0};
  std::thread thread_;
};

void usual_end_to_end(benchmark::State& state) {
  static SinkProcess* const sink = new SinkProcess(0, SinkProcess::Place::anywhere);
  static UsualReporter* const reporter = new UsualReporter(sink->endpoint());
  static usual::Tracer* const tracer = new usual::Tracer(reporter->queue);
  pin_this_thread(Core::callers);
  run_rate(state, [&] {
    const std::uint64_t before = reporter->sent();
    const double start = wall_nanoseconds();
    trace_with_room(kUsualSpans, [](int i) { usual::trace_call(*tracer, i); }, [] { return reporter->queue.size_approx(); });
    reporter->finish(before + kUsualSpans);
    return kUsualSpans / ((wall_nanoseconds() - start) / 1e9);
  });
}

constexpr int kRuns = 3;
BENCHMARK(end_to_end)->Iterations(kRuns);
BENCHMARK(usual_end_to_end)->Iterations(kRuns);

}  // namespace
}  // namespace bench
