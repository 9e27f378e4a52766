#include "auto/calls.h"

#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

#include "auto/busy.h"
#include "jtrace/tracer.h"

namespace jtrace::automatic {
namespace {

struct Call {
  const void* function;
  std::uintptr_t frame;
  std::int64_t begun = 0;          // where there is a minimum
  std::uint64_t spans_before = 0;  // that this thread had started
  std::optional<ActiveSpan> span;
};

// Address space; what is not used takes no memory.
constexpr std::size_t kMostCalls = 16'384;
constexpr std::size_t kBytes = kMostCalls * sizeof(Call);

// Trivial, so that it can be used as long as the thread runs any code.
struct Thread {
  Call* calls;
  std::size_t count;
  std::uint32_t spans;   // of them that are open
  std::size_t unwritten;  // calls beyond kMostCalls
  bool is_over;
};
[[gnu::tls_model("initial-exec")]] constinit thread_local Thread this_thread{};

std::int64_t now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

// Too short, and nothing was started below it that would lose its parent.
bool is_left_out(const Call& call) noexcept {
  return limits.minimum > 0 && now() - call.begun < limits.minimum && detail::spans_started_here() == call.spans_before;
}

void pop(Thread& thread) noexcept {
  Call& call = thread.calls[--thread.count];
  if (call.span) {
    --thread.spans;
    if (is_left_out(call)) (*call.span)->set_tag(detail::kPriorityKey, 0);
  }
  std::destroy_at(&call);
}

void end_thread(void* of) noexcept {
  Thread& thread = *static_cast<Thread*>(of);
  const Busy busy;
  while (thread.count > 0) pop(thread);
  thread.is_over = true;
  munmap(thread.calls, kBytes);
}

// The thread that exits has calls that never return; their spans end here, before the tracer sends its last ones: what is
// registered later is done earlier, and the tracer was there first.
void end_at_exit() noexcept {
  Thread& thread = this_thread;
  if (!thread.calls || thread.is_over || is_busy) return;
  const Busy busy;
  while (thread.count > 0) pop(thread);
}

pthread_key_t make_key() noexcept {
  std::atexit(end_at_exit);
  pthread_key_t key{};
  pthread_key_create(&key, end_thread);
  return key;
}

bool begin_thread(Thread& thread) noexcept {
  tracer().enabled();  // configures it, if nobody has
  static const pthread_key_t key = make_key();
  void* const memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return false;
  thread.calls = static_cast<Call*>(memory);
  pthread_setspecific(key, &thread);
  return true;
}

void push(Thread& thread, const void* function, const Name& name, std::uintptr_t frame) noexcept {
  if (thread.count == kMostCalls) {
    ++thread.unwritten;
    return;
  }
  Call& call = *new (&thread.calls[thread.count++]) Call{.function = function, .frame = frame, .span = std::nullopt};
  if (thread.spans >= limits.depth) return;
  call.span.emplace(start_active_span(name.text));
  ++thread.spans;
  if (limits.minimum == 0) return;
  call.spans_before = detail::spans_started_here();
  call.begun = now();
}

// Where is the call that ends? Above it lie those that were left without a word. One of an outer frame is not meant:
// then this is the end of a call that was not written down.
std::size_t find_call(const Thread& thread, const void* function, std::uintptr_t frame) noexcept {
  for (std::size_t i = thread.count; i > 0; --i) {
    const Call& call = thread.calls[i - 1];
    if (call.function == function) return i - 1;
    if (call.frame > frame) break;
  }
  return kMostCalls;
}

void pop_below(Thread& thread, std::uintptr_t frame) noexcept {
  while (thread.count > 0 && thread.calls[thread.count - 1].frame < frame) pop(thread);
}

}  // namespace

void begin_call(const void* function, const Name& name, std::uintptr_t frame) noexcept {
  if (!detail::any_tracer()) return;
  Thread& thread = this_thread;
  if (is_busy || thread.is_over) return;
  const Busy busy;
  if (!thread.calls && !begin_thread(thread)) return;
  pop_below(thread, frame);
  push(thread, function, name, frame);
}

void end_call(const void* function, std::uintptr_t frame) noexcept {
  Thread& thread = this_thread;
  if (thread.count == 0 || is_busy) return;
  if (thread.unwritten > 0) {
    --thread.unwritten;
    return;
  }
  const Busy busy;
  const std::size_t at = find_call(thread, function, frame);
  while (thread.count > at) pop(thread);
}

void end_calls_below(std::uintptr_t frame) noexcept {
  Thread& thread = this_thread;
  if (thread.count == 0 || is_busy) return;
  const Busy busy;
  thread.unwritten = 0;
  pop_below(thread, frame);
}

}  // namespace jtrace::automatic
