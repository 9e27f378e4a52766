// Frame: one entry in a thread's chain of active contexts.
//
//   Thread::top ─▶ frame ─▶ frame ─▶ bottom_frame          the newest first
//
//   open ──close on its thread──▶ (recycled)
//     └───close elsewhere───────▶ closed ──its thread looks at the top──▶ (recycled)
//     └───its thread ends───────▶ orphaned ──close──▶ (recycled)
//
// With a coroutine that is suspended its frames leave their thread, and are nobody's until they enter another one; see
// suspended.cpp. Closed meanwhile, they go with the next thread; where the coroutine is destroyed, they are orphaned.
//
// A frame keeps its own copy of the context, so spans may be moved, handed away or finished while they are active, and
// a ticket to the span for active_span(). Its serial tells a Scope from the frame's next tenant. Frames come from a pool
// of their own and are never freed.
#pragma once

#include <atomic>
#include <cstdint>

#include "jtrace/detail/abi.h"

namespace jtrace::inline v1::detail {

class Core;
struct Thread;

struct alignas(128) Frame {
  // What a new span finds on top: the usual kinds of a parent, not sampled or sampled and with nothing else to hand on; any other
  // parent, also who began no trace and yet has baggage to hand on; a context that is none; or a frame that is open no more.
  enum : std::uint32_t { kUnsampled, kSampled, kOpen, kBlank, kClosed, kOrphaned };
  static std::uint32_t state_for(const SpanContext& context) noexcept {
    const std::uint32_t flags = context.all_flags() & ~SpanContext::kNotRandom;
    if (!context.is_valid() && !context.baggage() && flags == 0) return kBlank;
    if (context.baggage() || flags > SpanContext::kSampled) return kOpen;
    return context.is_sampled() ? kSampled : kUnsampled;
  }

  std::uint32_t free_next;
  std::uint32_t chain_size;
  std::atomic<std::uint32_t> chain_next;
  std::atomic<std::uint32_t> state;   // whoever comes second, of a closer elsewhere and the owner, recycles
  std::atomic<std::uint64_t> serial;  // 0: free
  std::atomic<Thread*> owner;
  Frame* below;
  SpanTicket span;
  Core* core;  // whose span it is; null where only a context was activated
  SpanContext context;
};
static_assert(sizeof(Frame) == 128);

// Below all others on every thread, blank for ever; read only.
extern Frame bottom_frame;

}  // namespace jtrace::inline v1::detail
