#include "core/process.h"

#include <cxxabi.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include <new>

#include "clock/clock.h"
#include "core/leader.h"
#include "core/log_line.h"
#include "core/pipeline.h"

namespace jtrace::inline v1::detail {

constinit Thread new_thread;
constinit Thread blocked_thread;
constinit Thread ended_thread;
constinit thread_local Thread* current_thread = &new_thread;
constinit Frame bottom_frame{{}, {}, {}, Frame::kBlank, {}, {}, {}, {}, {}, {}};

namespace {

constexpr std::uint32_t kMostThreads = 16384;
constexpr std::size_t kFrameBytes = 32 * 1024 * 1024;  // 262,144 scopes open at once; addresses until used

// In memory that is wiped on fork.
struct WipedPage {
  std::atomic<std::uint32_t> generation;
  std::atomic<std::uint32_t> locked;
  std::atomic<std::uint64_t> inherited;
};

constinit std::atomic<WipedPage*> wiped_page{nullptr};

// Made without a guard, which a fork might leave closed: of two threads that come first, one makes it in vain.
[[gnu::noinline]] WipedPage& make_wiped() noexcept {
  static constinit WipedPage fallback{};  // without memory there will be no spans either
  const Region region(sizeof(WipedPage));
  WipedPage* made = region ? reinterpret_cast<WipedPage*>(region.data()) : &fallback;
  WipedPage* there = nullptr;
  return wiped_page.compare_exchange_strong(there, made, std::memory_order_acq_rel) ? *made : *there;
}

WipedPage& wiped() noexcept {
  WipedPage* page = wiped_page.load(std::memory_order_acquire);
  return page ? *page : make_wiped();
}

void lock_setup() noexcept {
  // acquire and release pair with each other, as in any lock.
  while (wiped().locked.exchange(1, std::memory_order_acquire) != 0) sched_yield();
}
void unlock_setup() noexcept { wiped().locked.store(0, std::memory_order_release); }

// Of the newest process; a child finds its parent's here and the generation at 0.
Process* newest = nullptr;
std::uint32_t newest_generation = 0;

alignas(128) char nowhere_place[1];

pthread_key_t end_key;
bool has_end_key = false;

// A fork waits until whoever sets something up is done: a child would find it half made. From the time that the library is
// loaded, as a thread's first span may come at any time later.
bool is_locked_for_fork = false;  // guarded by the lock
void before_fork() {
  if (is_blocked() || is_follower()) return;  // this very thread may be at it, or nothing is set up here
  lock_setup();
  is_locked_for_fork = true;
}
void after_fork() {
  if (is_blocked() || !is_locked_for_fork) return;
  is_locked_for_fork = false;
  unlock_setup();
}
[[maybe_unused]] const int waits_before_fork = pthread_atfork(before_fork, after_fork, after_fork);

void end_thread(void*) {
  Thread* thread = current_thread;
  if (thread->attached == 0) return;
  current_thread = &ended_thread;
  for (ThreadState* state = thread->states; state;) {
    ThreadState* next = state->next_of_thread;
    static_cast<Pipeline*>(state->owner)->retire(state);
    state = next;
  }
  const SetupLock lock;
  thread->process->retire_thread(thread);
}

// The second member of __cxa_eh_globals, by the C++ ABI of all our platforms. std::uncaught_exceptions() finds it anew at
// each call, which costs a span some 30 instructions.
const unsigned* uncaught_exceptions() noexcept {
  return reinterpret_cast<const unsigned*>(reinterpret_cast<const char*>(abi::__cxa_get_globals()) + sizeof(void*));
}

// An address that is nobody's, so that a comparison with a real one, or with none, fails.
template <class T>
T* nowhere() noexcept {
  return reinterpret_cast<T*>(&nowhere_place);
}

bool watch_end_of_thread(Thread* thread) noexcept {
  if (!has_end_key) has_end_key = pthread_key_create(&end_key, end_thread) == 0;
  return has_end_key && pthread_setspecific(end_key, thread) == 0;
}

}  // namespace

SetupLock::SetupLock() noexcept : errno_(errno) { lock_setup(); }

SetupLock::~SetupLock() {
  unlock_setup();
  errno = errno_;
}

std::uint32_t Process::generation() noexcept { return wiped().generation.load(std::memory_order_acquire); }

Process* Process::current() noexcept {
  if (generation() != 0) return newest;
  Clock::begin();
  if (newest) begin_log_in_child();
  void* memory = ::operator new(sizeof(Process), std::align_val_t(alignof(Process)), std::nothrow);
  if (!memory) return nullptr;
  auto* made = new (memory) Process(newest);
  if (!made->threads_ || !made->frames_.is_usable()) {
    ::operator delete(memory, std::align_val_t(alignof(Process)));
    return nullptr;
  }
  newest = made;
  wiped().generation.store(++newest_generation, std::memory_order_release);
  return newest;
}

void Process::count_inherited() noexcept { wiped().inherited.fetch_add(1, std::memory_order_relaxed); }
std::uint64_t Process::inherited() noexcept { return wiped().inherited.load(std::memory_order_relaxed); }

void Process::recycle(Frame& frame, LocalNodes& to) noexcept {
  if (frame.context.baggage()) frame.context = SpanContext();
  // release: a late closer that sees the new serial leaves the frame alone.
  frame.serial.store(frame.serial.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  frames_.give(to, &frame);
}

Process::Process(Process* parent) noexcept
    : threads_(kMostThreads * sizeof(Thread)), frames_(kFrameBytes), parent_(parent) {}

Thread* Process::adopt_thread() noexcept {
  Thread* thread = free_threads_;
  if (thread) {
    free_threads_ = thread->next_free;
  } else {
    if (next_thread_ == kMostThreads) return nullptr;
    thread = reinterpret_cast<Thread*>(threads_.data()) + next_thread_++;
  }
  *thread = Thread{.ready = mark_of(nowhere<Core>()),
                   .core = nowhere<Core>(),
                   .pipeline = nowhere<Pipeline>(),
                   .top = &bottom_frame,
                   .process = this,
                   .uncaught = uncaught_exceptions(),
                   .attached = 1};
  thread->random.seed();
  return thread;
}

void Process::retire_thread(Thread* thread) noexcept {
  for (Frame* frame = thread->top; frame != &bottom_frame;) {
    Frame* below = frame->below;
    // Whoever still holds the scope recycles it; if that was closed already, we do.
    if (frame->state.exchange(Frame::kOrphaned, std::memory_order_acq_rel) == Frame::kClosed) {
      recycle(*frame, thread->frames);
    }
    frame = below;
  }
  frames_.give_back(thread->frames);
  thread->attached = 0;
  thread->next_free = free_threads_;
  free_threads_ = thread;
}

Thread* attach_thread() noexcept {
  Thread* thread = current_thread;
  const bool is_new = thread == &new_thread;
  const bool is_wiped = !is_new && !is_blocked() && !is_ended() && thread->attached == 0;
  if (!is_new && !is_wiped) return nullptr;
  if (leader()) return nullptr;
  {
    const SetupLock lock;
    Process* process = Process::current();
    thread = process ? process->adopt_thread() : nullptr;
    if (thread && !watch_end_of_thread(thread)) {
      process->retire_thread(thread);
      thread = nullptr;
    }
  }
  if (thread) current_thread = thread;
  return thread;
}

}  // namespace jtrace::inline v1::detail
