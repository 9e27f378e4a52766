// The chain of active contexts on a thread: opening, closing and finding frames. See frame.h for their states.
#pragma once

#include "core/frame.h"
#include "core/process.h"
#include "core/thread.h"

namespace jtrace::inline v1::detail {

// The newest frame that is still open. The thread's own call.
inline Frame& top_frame(Thread& thread) noexcept {
  // acquire: pairs with a closer on another thread, whose last look at the frame is then over.
  while (thread.top->state.load(std::memory_order_acquire) == Frame::kClosed) [[unlikely]] {
    Frame* closed = thread.top;
    thread.top = closed->below;
    thread.process->recycle(*closed, thread.frames);
  }
  return *thread.top;
}

// The caller has marked the thread as busy. An empty handle where there is no room for another scope.
inline ScopeHandle open_frame(Thread& thread, Core* core, const SpanTicket& span, const SpanContext& context) noexcept {
  Frame* frame = thread.process->frames().take(thread.frames);
  if (!frame) [[unlikely]] return {};
  const std::uint64_t serial = frame->serial.load(std::memory_order_relaxed) + 1;
  // Relaxed: other threads learn of the frame only by a Scope that is handed to them.
  frame->serial.store(serial, std::memory_order_relaxed);
  frame->state.store(Frame::state_for(context), std::memory_order_relaxed);
  frame->owner.store(&thread, std::memory_order_relaxed);
  frame->span = span;
  frame->core = core;
  frame->context = context;
  frame->below = thread.top;
  thread.top = frame;
  return {frame, serial};
}

// The span's context has changed: frames of this thread that keep a copy get the new one.
void refresh_frames(SpanHead& span) noexcept;

}  // namespace jtrace::inline v1::detail
