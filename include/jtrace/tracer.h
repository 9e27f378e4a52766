// Tracer: starts spans, carries contexts over process borders, flushes and closes.
//
// A Tracer is a handle of one pointer: copy it freely, copies share one tracer, and all calls are const and
// thread-safe. A default-made Tracer is off. What stands behind a handle is never freed, so every call is valid
// before the configuration and after the close. The global one, jtrace::tracer(), is configured from the environment at its
// first use or from code by init(); copies made before that go live with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <ratio>
#include <utility>

#include "jtrace/config.h"
#include "jtrace/detail/chrono.h"
#include "jtrace/error.h"
#include "jtrace/scope.h"
#include "jtrace/span.h"
#include "jtrace/stats.h"

namespace jtrace::inline v1 {

namespace detail {
// Any duration as nanoseconds, without overflow: what is too long means "for ever".
template <class R, class P>
constexpr std::int64_t to_nanoseconds(std::chrono::duration<R, P> duration) noexcept {
  const auto wide = std::chrono::duration<long double, std::nano>(duration).count();
  if (!(wide > 0)) return 0;
  if (wide >= static_cast<long double>(std::numeric_limits<std::int64_t>::max() / 2))
    return std::numeric_limits<std::int64_t>::max() / 2;
  return static_cast<std::int64_t>(wide);
}
}  // namespace detail

class Tracer {
 public:
  Tracer() noexcept : head_(detail::off_head) {}

  // Would a span that is started now exist? Configures the global tracer if that was not done yet.
  bool enabled() const noexcept {
    // Relaxed: whoever finds it on goes through the library, which looks again.
    const std::uint32_t state = detail::load_relaxed(head_->state);
    return state == detail::TracerHead::kOn || (state == detail::TracerHead::kUndecided && detail::decide(head_));
  }

  // A span that is not active: pass it on as a parent, or activate() it. Does not block; see Parent for what it becomes
  // a child of.
  Span start_span(Text name) const noexcept {
    return Span(enabled() ? detail::start_span(head_, name) : nullptr);
  }
  Span start_span(Text name, StartOptions&& options) const noexcept {
    return Span(enabled() ? detail::start_span(head_, name, &options, sizeof options) : nullptr);
  }
  // A span that is active on this thread until the end of the block.
  ActiveSpan start_active_span(Text name) const noexcept {
    return ActiveSpan(enabled() ? detail::start_active_span(head_, name, nullptr, 0) : detail::ActiveStart());
  }
  ActiveSpan start_active_span(Text name, StartOptions&& options) const noexcept {
    return ActiveSpan(enabled() ? detail::start_active_span(head_, name, &options, sizeof options)
                                : detail::ActiveStart());
  }

  // Writes the context into a carrier, reads one from it; see propagation.h.
  template <class C>
  void inject(const SpanContext& context, C&& carrier) const;
  template <class C>
  SpanContext extract(const C& carrier) const;

  // Waits until everything that was finished before the call has its final status: acknowledged, dropped or failed.
  // True if that happened within the time given; false if not, or at once from the reporter's own thread or a log
  // sink. Other threads go on meanwhile.
  template <class R, class P>
  bool flush(std::chrono::duration<R, P> at_most) const noexcept {
    return detail::flush(head_, detail::to_nanoseconds(at_most));
  }
  // A flush, and then no more: later spans are inert, what finishes later is counted as dropped{closed}, and what
  // could not be sent in time as failed{aborted}. True if everything got its final status in time. A second call
  // returns at once.
  template <class R, class P>
  bool close(std::chrono::duration<R, P> at_most) const noexcept {
    return detail::close(head_, detail::to_nanoseconds(at_most));
  }

  Stats stats() const noexcept {
    Stats stats;
    detail::read_stats(head_, &stats, sizeof stats);
    return stats;
  }

  // For the library.
  static Span adopt(detail::SpanHead* head) noexcept { return Span(head); }
  explicit constexpr Tracer(detail::TracerHead* head) noexcept : head_(head) {}
  const detail::TracerHead* head() const noexcept { return head_; }

 private:
  detail::TracerHead* head_;  // never null
};

namespace detail {
using ErrorSink = void (*)(void* to, std::string_view key, std::string_view value, std::string_view message);
JTRACE_API extern constinit Tracer global_tracer;
JTRACE_API TracerHead* make_tracer(const EntryList*, void* to, ErrorSink) noexcept;
JTRACE_API bool init(const EntryList*, void* to, ErrorSink) noexcept;

inline void keep_error(void* to, std::string_view key, std::string_view value, std::string_view message) {
  *static_cast<Error*>(to) = Error(std::string(key), std::string(value), std::string(message));
}
}  // namespace detail

// The global tracer.
inline Tracer& tracer() noexcept { return detail::global_tracer; }

// A tracer of its own, with its own queue and worker thread; close() it when it is no longer needed. Fails with an
// Error that names the setting; a tracer without an endpoint is off, which is no error.
template <std::same_as<Config> C = Config>
[[nodiscard]] Expected<Tracer> make_tracer(const C& config) {
  const detail::ConfigEntries entries(config);
  Error error;
  if (auto* head = detail::make_tracer(entries.list(), &error, detail::keep_error)) return Tracer(head);
  return Expected<Tracer>(std::move(error));
}

// Configures the global tracer from code and returns it. Called again, it replaces the tracer behind the handle; the
// one before it is flushed and closed within its exit_flush_timeout. On an error nothing changes.
template <std::same_as<Config> C = Config>
[[nodiscard]] Expected<Tracer> init(const C& config) {
  const detail::ConfigEntries entries(config);
  Error error;
  if (detail::init(entries.list(), &error, detail::keep_error)) return tracer();
  return Expected<Tracer>(std::move(error));
}

// By the tracer of the active span, else by the global one.
inline Span start_span(Text name) noexcept {
  return Span(detail::any_tracer() ? detail::start_span_near(nullptr, name, nullptr, 0) : nullptr);
}
inline Span start_span(Text name, StartOptions&& options) noexcept {
  return Span(detail::any_tracer() ? detail::start_span_near(nullptr, name, &options, sizeof options) : nullptr);
}
inline ActiveSpan start_active_span(Text name) noexcept {
  return ActiveSpan(detail::any_tracer() ? detail::start_active_span_near(name, nullptr, 0) : detail::ActiveStart());
}
inline ActiveSpan start_active_span(Text name, StartOptions&& options) noexcept {
  return ActiveSpan(detail::any_tracer() ? detail::start_active_span_near(name, &options, sizeof options)
                                         : detail::ActiveStart());
}

inline Span SpanRef::start_child(Text name, StartOptions&& options) const noexcept {
  if (!detail::is_current(ticket_)) return Span();
  options.child_of = *this;
  return Tracer::adopt(detail::start_span_near(ticket_.span, name, &options, sizeof options));
}

}  // namespace jtrace::inline v1
