// TracedFuture: a future, and the span of the call that promised its result.
//
// Made by trace(), wrap() and traced<> around a function that returns a std::future, or what looks like one. It has the
// future's own calls. The span ends as soon as this side learns that the result is there: by get() or a wait, or else when
// the future is destroyed; an exception out of get() marks it. A function that knows better takes the span as `Span`
// along to where the result is made. For one thread at a time, as the future itself.
#pragma once

#include <concepts>
#include <utility>

#include "jtrace/detail/chrono.h"
#include "jtrace/detail/marking.h"
#include "jtrace/span.h"

namespace jtrace::inline v1 {

template <class F>
concept FutureLike = requires(F& future) {
  { future.valid() } -> std::convertible_to<bool>;
  future.wait();
  future.get();
};

template <FutureLike F, bool Exceptions = JTRACE_DETAIL_EXCEPTIONS>
class [[nodiscard]] TracedFuture {
 public:
  TracedFuture() noexcept = default;
  TracedFuture(F future, Span span) noexcept : span_(std::move(span)), future_(std::move(future)) {}
  TracedFuture(TracedFuture&&) noexcept = default;
  TracedFuture& operator=(TracedFuture&& other) noexcept {
    const TracedFuture gone(std::move(*this));
    span_ = std::move(other.span_);
    future_ = std::move(other.future_);
    ready_at_ = other.ready_at_;
    return *this;
  }
  // As the future's own destructor does, which waits if it came from std::async.
  ~TracedFuture() {
    { const F gone = std::move(future_); }
    finish();
  }

  bool valid() const noexcept { return future_.valid(); }

  decltype(auto) get() {
    const Finishing at_end{*this};
    return detail::Marking<Exceptions>::call([this]() -> decltype(auto) { return future_.get(); },
                                             [this](const std::exception_ptr& error) { span_.set_error(error); });
  }

  void wait() {
    future_.wait();
    note_ready();
  }
  template <class Duration>
  auto wait_for(const Duration& at_most) {
    return noting(future_.wait_for(at_most));
  }
  template <class Time>
  auto wait_until(const Time& deadline) {
    return noting(future_.wait_until(deadline));
  }

  // The future alone, for those who take no other. The span ends now.
  [[nodiscard]] F release() && {
    finish();
    return std::move(future_);
  }

 private:
  struct Finishing {
    TracedFuture& future;
    ~Finishing() { future.finish(); }
  };

  void note_ready() noexcept {
    if (ready_at_ == Timestamp()) ready_at_ = std::chrono::system_clock::now();
  }
  template <class Status>
  Status noting(Status status) noexcept {
    if (status == Status::ready) note_ready();
    return status;
  }
  // Also an error that get() tells later belongs to the span: so it waits for it, and ends when the result was there.
  void finish() noexcept {
    span_.finish(ready_at_);
    span_ = Span();
  }

  Span span_;
  F future_;
  Timestamp ready_at_{};
};

}  // namespace jtrace::inline v1
