#include "core/active.h"

#include "core/core.h"
#include "core/leader.h"
#include "core/slot.h"

namespace jtrace::inline v1::detail {
namespace {

void close_own(Thread& thread, Frame& frame) noexcept {
  if (thread.top != &frame) {
    frame.state.store(Frame::kClosed, std::memory_order_relaxed);  // top_frame comes by later, on this thread
    return;
  }
  const Busy busy(thread);
  thread.top = frame.below;
  thread.process->recycle(frame, thread.frames);
}

void close_elsewhere(Frame& frame) noexcept {
  // acq_rel: the second of closer and owner takes the frame as the first one left it.
  if (frame.state.exchange(Frame::kClosed, std::memory_order_acq_rel) != Frame::kOrphaned) return;
  Thread* here = idle_thread();
  if (!here) return;  // its owner is gone and so are we: the frame is not used again
  const Busy busy(*here);
  here->process->recycle(frame, here->frames);
}

ScopeHandle activate_here(Core* core, const SpanTicket& span, const SpanContext& context) noexcept {
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] {
    const Interface* other = leader();
    return other ? other->activate(core, span, context) : ScopeHandle();
  }
  const Busy busy(*thread);
  return open_frame(*thread, core, span, context);
}

[[gnu::noinline]] void close_from_afar(const ScopeHandle& handle) noexcept {
  if (const Interface* other = leader()) return other->close_scope(handle);
  if (handle.frame->serial.load(std::memory_order_acquire) == handle.serial) close_elsewhere(*handle.frame);
}

}  // namespace

ScopeHandle activate(const SpanContext& context) noexcept { return activate_here(nullptr, {}, context); }

ScopeHandle activate_span(SpanHead* head) noexcept {
  if (!head || !slot_of(head)->pipeline) return activate_here(nullptr, {}, SpanContext());
  return activate_here(core_of(slot_of(head)->core), ticket(head), slot_of(head)->context);
}

ScopeHandle activate(const TakenContext& taken) noexcept { return activate_here(taken.core, {}, taken.context); }

ScopeHandle activate_for_follower(Core* core, const SpanTicket& span, const SpanContext& context) noexcept {
  return activate_here(core, span, context);
}

void close_scope(const ScopeHandle& handle) noexcept {
  Thread* thread = current_thread;
  if (!thread->is_idle()) [[unlikely]] return close_from_afar(handle);
  Frame& frame = *handle.frame;
  // Differs where the frame was wiped by a fork, or is closed already.
  if (frame.serial.load(std::memory_order_acquire) != handle.serial) return;
  const bool is_own = frame.owner.load(std::memory_order_relaxed) == thread &&
                      frame.state.load(std::memory_order_relaxed) <= Frame::kBlank;
  if (is_own) {
    close_own(*thread, frame);
  } else {
    close_elsewhere(frame);
  }
}

void refresh_frames(SpanHead& span) noexcept {
  Thread* thread = idle_thread();
  if (!thread) return;
  const Busy busy(*thread);
  for (Frame* frame = thread->top; frame; frame = frame->below) {
    if (frame->span.span != &span || !is_current(frame->span)) continue;
    frame->context = slot_of(&span)->context;
    std::uint32_t was = frame->state.load(std::memory_order_relaxed);
    // Unless somebody closes it meanwhile.
    if (was <= Frame::kOpen)
      frame->state.compare_exchange_strong(was, Frame::state_for(frame->context), std::memory_order_relaxed);
  }
}

SpanTicket ticket(SpanHead* head) noexcept {
  if (!head) return {};
  return {head, slot_of(head)->tenant.load(std::memory_order_relaxed)};
}

bool is_current(const SpanTicket& ticket) noexcept {
  return ticket.span && ticket.id != 0 && slot_of(ticket.span)->tenant.load(std::memory_order_relaxed) == ticket.id;
}

SpanTicket active_ticket() noexcept {
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] {
    const Interface* other = leader();
    return other ? other->active_ticket() : SpanTicket();
  }
  const Busy busy(*thread);
  const Frame& top = top_frame(*thread);
  return is_current(top.span) ? top.span : SpanTicket();
}

SpanContext active_context() noexcept {
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] {
    const Interface* other = leader();
    return other ? other->active_context() : SpanContext();
  }
  const Busy busy(*thread);
  return top_frame(*thread).context;
}

TakenContext take_active_context() noexcept {
  Thread* thread = idle_thread();
  if (!thread) [[unlikely]] {
    const Interface* other = leader();
    return other ? other->take_active_context() : TakenContext();
  }
  const Busy busy(*thread);
  const Frame& top = top_frame(*thread);
  return {top.context, top.core};
}

}  // namespace jtrace::inline v1::detail
