// StandIn: takes the place of a coroutine that awaits another one, until the start of that one has returned.
//
//   starting ──the awaited one is done──▶ arrived ──its start has returned──▶ the awaiting one goes on from there
//      └──its start has returned──▶ waiting ──the awaited one is done──▶ the awaiting one goes on from there
//
// So the awaited one can be started below a scope on this thread's stack, and however often a loop awaits what is done at
// once, no stack grows. Whoever comes second moves on; after that the StandIn may be gone, so nobody touches it.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <utility>

namespace jtrace::inline v1::detail {

class StandIn {
 public:
  StandIn() noexcept = default;
  StandIn(const StandIn&) = delete;
  ~StandIn() {
    if (relay_) relay_.destroy();
  }

  // To be resumed instead of `awaiting`; null without memory.
  std::coroutine_handle<> stand_for(std::coroutine_handle<> awaiting) noexcept {
    awaiting_ = awaiting;
    relay_ = relay(*this).handle;
    return relay_;
  }
  // The start has returned: what runs next on this thread.
  std::coroutine_handle<> wait() noexcept { return come(kWaiting); }

 private:
  enum Phase : unsigned char { kStarting, kWaiting, kArrived };

  // Out of line, so that a local variable does not become a part of a coroutine's frame, which may be gone by then.
  [[gnu::noinline]] std::coroutine_handle<> come(Phase phase) noexcept {
    const std::coroutine_handle<> awaiting = awaiting_;
    // acq_rel: the second one goes on with what the first one has written.
    const bool is_second = phase_.exchange(phase, std::memory_order_acq_rel) != kStarting;
    return is_second ? awaiting : std::noop_coroutine();
  }

  struct Arrival {
    StandIn& of;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<>) const noexcept { return of.come(kArrived); }
    void await_resume() const noexcept {}
  };
  struct Relay {
    struct promise_type {
      Relay get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
      static Relay get_return_object_on_allocation_failure() noexcept { return {}; }
      std::suspend_always initial_suspend() const noexcept { return {}; }
      std::suspend_always final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
    };
    std::coroutine_handle<> handle;
  };
  static Relay relay(StandIn& self) { co_await Arrival{self}; }

  std::coroutine_handle<> awaiting_;
  std::coroutine_handle<> relay_;
  std::atomic<Phase> phase_{kStarting};
};

}  // namespace jtrace::inline v1::detail
