#include "core/global.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include "config/read_settings.h"
#include "core/active.h"
#include "core/leader.h"
#include "core/log_line.h"
#include "core/process.h"
#include "jtrace/tracer.h"
#include "jtrace/version.h"

namespace jtrace::inline v1::detail {
namespace {

constinit CoreHead global_head{{TracerHead::kUndecided}};
constinit CoreHead no_head{{TracerHead::kOff}};

// As short as it is, so that whoever keeps it need not ask for memory.
constexpr char kNoMemory[] = "no memory";

// The heads of all tracers, reachable for leak checkers: handles may point to them for ever.
std::atomic<CoreHead*> heads{nullptr};

// Relaxed where only the hint matters; the core itself is published by its head.
void count_live(bool was, bool is) noexcept {
  if (was == is) return;
  if (is) {
    std::atomic_ref(live_tracers).fetch_add(1, std::memory_order_relaxed);
  } else {
    std::atomic_ref(live_tracers).fetch_sub(1, std::memory_order_relaxed);
  }
}

void set(CoreHead& head, Core* core, std::uint32_t state) noexcept {
  head.core.store(mark_of(core), std::memory_order_release);  // pairs with the acquire in mark_of
  const std::uint32_t was = std::atomic_ref(head.state).exchange(state, std::memory_order_acq_rel);
  count_live(was != TracerHead::kOff, state != TracerHead::kOff);
}

Core* make_core(Settings settings) noexcept {
  announce(settings);
  return new (std::nothrow) Core(std::move(settings), Core::End::collector);
}

SettingsOrError read_and_tell(std::span<const ConfigView> from_code) {
  SettingsOrError read = read_settings(from_code);
  for (const std::string& line : read.warnings) log_once(LogLevel::warn, line);
  return read;
}

void decide_from_environment() noexcept {
  std::uint32_t state = TracerHead::kOff;
  Core* core = nullptr;
  try {
    const SettingsOrError read = read_and_tell({});
    if (!read.error.key().empty()) {
      log_line(LogLevel::error, "tracing stays off: " + read.error.message());
    } else if (!read.settings.is_on()) {
      log_line(LogLevel::info, read.settings.disabled ? "tracing is off: JAEGER_DISABLED is set"
                                                      : "tracing is off: neither JAEGER_ENDPOINT nor JAEGER_AGENT_HOST is set");
    } else if ((core = make_core(read.settings))) {
      state = TracerHead::kOn;
    }
  } catch (const std::bad_alloc&) {
  }
  set(global_head, core, state);
}

// Of a handle that another copy of jtrace may have made: one that is still undecided is its global one, which is ours.
CoreHead& head_here(const TracerHead* head) noexcept {
  auto* own = const_cast<CoreHead*>(static_cast<const CoreHead*>(head));
  return load_relaxed(own->state) == TracerHead::kUndecided ? global_head : *own;
}

}  // namespace

constinit std::uint32_t live_tracers = 1;  // undecided counts
constinit Tracer global_tracer{&global_head};
constinit TracerHead* const off_head = &no_head;

bool decide(const TracerHead* head) noexcept {
  if (is_blocked()) return false;
  if (const Interface* other = leader()) return other->decide(head);
  {
    const SetupLock lock;
    if (load_relaxed(global_head.state) == TracerHead::kUndecided) decide_from_environment();
  }
  const bool is_on = load_relaxed(head_here(head).state) == TracerHead::kOn;
  if (is_on) core_of(&head_here(head))->begin_sampling();
  return is_on;
}

CoreHead* make_head() {
  auto* head = new CoreHead{{TracerHead::kOff}};
  head->next = heads.load(std::memory_order_relaxed);
  while (!heads.compare_exchange_weak(head->next, head, std::memory_order_release, std::memory_order_relaxed)) {
  }
  return head;
}

void point(CoreHead& head, Core* core, bool is_on) noexcept {
  const SetupLock lock;
  set(head, core, is_on ? TracerHead::kOn : TracerHead::kOff);
}

Core* global_core() noexcept {
  const std::uint32_t state = load_relaxed(global_head.state);
  if (state == TracerHead::kOff || (state == TracerHead::kUndecided && !decide(&global_head))) return nullptr;
  return core_of(&global_head);
}

Core* core_near() noexcept {
  if (Thread* thread = idle_thread()) {
    const Busy busy(*thread);
    const Frame& top = top_frame(*thread);
    if (top.core && !top.core->is_closed()) return top.core;
  }
  return global_core();
}

GlobalPlace replace_global(const GlobalPlace& with) noexcept {
  const SetupLock lock;
  const GlobalPlace before{core_of(&global_head), load_relaxed(global_head.state)};
  set(global_head, with.core, with.state);
  return before;
}

bool init_here(const ConfigView* entries, std::size_t count, void* to, ErrorSink fail) noexcept {
  Core* before = nullptr;
  try {
    SettingsOrError read = read_and_tell({entries, count});
    if (!read.error.key().empty()) {
      fail(to, read.error.key(), read.error.value(), read.error.message());
      return false;
    }
    const bool is_on = read.settings.is_on();
    Core* core = is_on ? make_core(std::move(read.settings)) : nullptr;
    if (is_on && !core) throw std::bad_alloc();
    if (core) core->begin_sampling();
    before = replace_global({core, is_on ? TracerHead::kOn : TracerHead::kOff}).core;
    if (before == core) before = nullptr;
  } catch (const std::bad_alloc&) {
    fail(to, "memory", "", kNoMemory);
    return false;
  }
  if (before) before->close(before->settings().exit_flush_timeout.count());
  return true;
}

TracerHead* make_tracer_here(const ConfigView* entries, std::size_t count, void* to, ErrorSink fail) noexcept {
  try {
    SettingsOrError read = read_and_tell({entries, count});
    if (!read.error.key().empty()) {
      fail(to, read.error.key(), read.error.value(), read.error.message());
      return nullptr;
    }
    CoreHead* head = make_head();
    if (read.settings.is_on()) {
      if (Core* core = make_core(std::move(read.settings))) {
        core->begin_sampling();
        point(*head, core, true);
      }
    }
    return head;
  } catch (const std::bad_alloc&) {
    fail(to, "memory", "", kNoMemory);
    return nullptr;
  }
}

bool init(const EntryList* list, void* to, ErrorSink fail) noexcept {
  const Interface* other = leader();
  try {
    const auto views = views_of(list);
    return (other ? other->init : init_here)(views.data(), views.size(), to, fail);
  } catch (const std::bad_alloc&) {
    fail(to, "memory", "", kNoMemory);
    return false;
  }
}

TracerHead* make_tracer(const EntryList* list, void* to, ErrorSink fail) noexcept {
  const Interface* other = leader();
  try {
    const auto views = views_of(list);
    return (other ? other->make_tracer : make_tracer_here)(views.data(), views.size(), to, fail);
  } catch (const std::bad_alloc&) {
    fail(to, "memory", "", kNoMemory);
    return nullptr;
  }
}

bool flush(const TracerHead* head, std::int64_t nanoseconds) noexcept {
  if (const Interface* other = leader()) return other->flush(head, nanoseconds);
  if (is_blocked()) return false;  // from a log sink, for which the worker may be waiting
  Core* core = core_of(&head_here(head));
  return !core || core->flush(nanoseconds);
}

bool close(const TracerHead* head, std::int64_t nanoseconds) noexcept {
  if (const Interface* other = leader()) return other->close(head, nanoseconds);
  CoreHead& own = head_here(head);
  Core* core = core_of(&own);
  if (!core) return true;
  point(own, core, false);  // its books stay open
  return core->close(nanoseconds);
}

void read_stats(const TracerHead* head, Stats* stats, std::size_t size) noexcept {
  if (const Interface* other = leader()) return other->read_stats(head, stats, size);
  Stats read;
  if (const Core* core = core_of(&head_here(head))) core->read(read);
  std::memcpy(static_cast<void*>(stats), &read, std::min(size, sizeof read));
}

}  // namespace jtrace::inline v1::detail

namespace jtrace::inline v1 {
const char* version() noexcept { return JTRACE_VERSION; }
}  // namespace jtrace::inline v1
