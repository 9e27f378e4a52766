// The usual way to trace, for comparison: a span is a struct that owns its name and a vector of tags, with chrono's clock, and
// moves through moodycamel's queue to a thread that works on it, as in any ordinary client. Two pieces of memory from the
// heap: one for the vector, one for a key that is too long to lie inside its string. Otherwise done with care: the vector
// has its size at once, each producer has its token, ids come from a generator of the thread's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "moodycamel.h"

namespace bench::usual {

using Clock = std::chrono::system_clock;
using Value = std::variant<std::string, bool, std::int64_t, double>;

struct Tag {
  std::string key;
  Value value;
};

struct Span {
  std::uint64_t trace_id_high = 0, trace_id_low = 0, span_id = 0, parent_id = 0;
  std::uint32_t flags = 0;
  std::string name;
  Clock::time_point start, end;
  std::vector<Tag> tags;
};

using Queue = moodycamel::ConcurrentQueue<Span>;

// What a thread needs to trace: its place in the queue and its ids.
class Tracer {
 public:
  explicit Tracer(Queue& queue) : queue_(queue), token_(queue), ids_(std::random_device{}()) {}

  Span start(std::string_view name) {
    Span span;
    span.trace_id_high = trace_high_;
    span.trace_id_low = trace_low_;
    span.parent_id = parent_;
    span.span_id = ids_();
    span.flags = 1;
    span.name = name;
    span.start = Clock::now();
    return span;
  }
  void finish(Span&& span) {
    span.end = Clock::now();
    queue_.enqueue(token_, std::move(span));
  }

 private:
  Queue& queue_;
  moodycamel::ProducerToken token_;
  std::mt19937_64 ids_;
  // Of the active span, whose child everything is.
  std::uint64_t trace_high_ = ids_(), trace_low_ = ids_(), parent_ = ids_();
};

inline void trace_call(Tracer& tracer, int status) {
  Span span = tracer.start("get_user");
  span.tags.reserve(2);
  span.tags.emplace_back("http.method", "GET");
  span.tags.emplace_back("http.status_code", std::int64_t{status});
  tracer.finish(std::move(span));
}

}  // namespace bench::usual
