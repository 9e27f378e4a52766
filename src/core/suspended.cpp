// The scopes of a coroutine, which leave a thread with it and enter another one. None of this may be inlined into
// the coroutine: a compiler that takes it for one function keeps the address of a thread_local over the suspension.
#include "core/active.h"
#include "core/core.h"
#include "core/leader.h"

namespace jtrace::inline v1::detail {
namespace {

// Not where a fork has wiped it, or it is closed and somebody else's by now.
bool is_current(const ScopeHandle& handle) noexcept {
  return handle.frame && handle.frame->serial.load(std::memory_order_acquire) == handle.serial;
}

bool is_open_here(const ScopeHandle& handle, const Thread& thread) noexcept {
  return is_current(handle) && handle.frame->owner.load(std::memory_order_relaxed) == &thread &&
         handle.frame->state.load(std::memory_order_relaxed) <= Frame::kBlank;
}

// Relaxed: whoever goes on with the coroutine has been told so by whoever suspended it.
void give_to(Thread* thread, Frame* newest, const Frame* outermost) noexcept {
  for (Frame* frame = newest;; frame = frame->below) {
    frame->owner.store(thread, std::memory_order_relaxed);
    if (frame == outermost) return;
  }
}

void orphan(Frame& frame) noexcept {
  // acq_rel: the second of closer and us takes the frame as the first one left it.
  if (frame.state.exchange(Frame::kOrphaned, std::memory_order_acq_rel) != Frame::kClosed) return;
  Thread* here = idle_thread();
  if (!here) return;
  const Busy busy(*here);
  here->process->recycle(frame, here->frames);
}

void orphan_all(Frame* newest, const Frame* outermost) noexcept {
  for (Frame* frame = newest;;) {
    const bool is_last = frame == outermost;
    Frame* below = frame->below;
    orphan(*frame);
    if (is_last) return;
    frame = below;
  }
}

}  // namespace

[[gnu::noinline]] ScopeHandle leave_scopes(const ScopeHandle& outermost) noexcept {
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] {
    const Interface* other = leader();
    return other ? other->leave_scopes(outermost) : ScopeHandle();
  }
  if (!is_open_here(outermost, *thread)) return {};
  const Busy busy(*thread);
  Frame* newest = thread->top;
  give_to(nullptr, newest, outermost.frame);
  thread->top = outermost.frame->below;
  return {newest, newest->serial.load(std::memory_order_relaxed)};
}

[[gnu::noinline]] void enter_scopes(const ScopeHandle& outermost, const ScopeHandle& newest) noexcept {
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] {
    const Interface* other = leader();
    return other ? other->enter_scopes(outermost, newest) : abandon_scopes(outermost, newest);
  }
  if (!is_current(outermost) || !is_current(newest)) return;
  const Busy busy(*thread);
  give_to(thread, newest.frame, outermost.frame);
  outermost.frame->below = thread->top;
  thread->top = newest.frame;
}

[[gnu::noinline]] void abandon_scopes(const ScopeHandle& outermost, const ScopeHandle& newest) noexcept {
  if (const Interface* other = leader()) return other->abandon_scopes(outermost, newest);
  if (is_current(outermost) && is_current(newest)) orphan_all(newest.frame, outermost.frame);
}

}  // namespace jtrace::inline v1::detail
