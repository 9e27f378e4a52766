// Leader: the one copy of jtrace that traces for the whole process.
//
//   executable (static copy)        libjtrace.so         plugin (static copy)
//     leads ◀───────── follows ─────────┘                   │
//       ◀───────────── follows ─────────────────────────────┘
//
// A process may hold jtrace several times: as a shared library, and linked statically into the executable, into shared
// libraries, into plugins. The first copy that is used leads; each other one hands its calls on by a table of functions and
// has no tracer, thread or queue of its own, so that it may be unloaded. Copies find each other by a note in the ELF image of
// each, which neither hidden symbols nor RTLD_LOCAL nor RTLD_DEEPBIND keep from view, and which costs nothing before the
// first use. A copy that does not know the leader's table leads for itself, and says so.
//
// On a follower's threads nothing is ever attached, so the fast paths need not ask: what finds its thread not idle does.
// Thread safety: any thread. The election runs under the loader's lock, and takes no other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "config/entries.h"
#include "jtrace/log.h"
#include "jtrace/propagation.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1::detail {

class Core;

// What a follower asks of its leader. Copies of different releases meet here: whatever changes the meaning of an entry, the
// layout of a type in it, the beginning of a Slot up to its context, or CoreHead, changes the version; new entries
// go to the end.
struct Interface {
  static constexpr std::uint32_t kVersion = 1;
  std::uint32_t version = kVersion;
  std::uint32_t size = sizeof(Interface);
  const char* release;  // jtrace::version() there

  bool (*decide)(const TracerHead*) noexcept;
  bool (*init)(const ConfigView*, std::size_t, void* to, ErrorSink) noexcept;
  TracerHead* (*make_tracer)(const ConfigView*, std::size_t, void* to, ErrorSink) noexcept;
  bool (*flush)(const TracerHead*, std::int64_t nanoseconds) noexcept;
  bool (*close)(const TracerHead*, std::int64_t nanoseconds) noexcept;
  void (*read_stats)(const TracerHead*, Stats*, std::size_t) noexcept;

  // Of a core as its CoreHead names it; none: the global one's.
  SpanHead* (*start)(Core*, std::string_view name, const StartOptions*, std::size_t) noexcept;
  ActiveStart (*start_active)(Core*, std::string_view name, const StartOptions*, std::size_t) noexcept;
  SpanHead* (*start_near)(const SpanHead* origin, std::string_view name, const StartOptions*, std::size_t) noexcept;
  ActiveStart (*start_active_near)(std::string_view name, const StartOptions*, std::size_t) noexcept;

  void (*put_item)(SpanHead*, Op, std::string_view key, std::string_view value) noexcept;  // what does not fit at once
  void (*put_flag)(SpanHead*, std::string_view key, bool value) noexcept;
  void (*add_log)(SpanHead*, const Field*, std::size_t, Timestamp) noexcept;
  void (*add_event)(SpanHead*, std::string_view event, const Field*, std::size_t, Timestamp) noexcept;
  void (*rename)(SpanHead*, std::string_view name) noexcept;
  void (*add_baggage)(SpanHead*, std::string_view key, std::string_view value) noexcept;
  void (*mark_error)(SpanHead*, std::string_view message) noexcept;
  void (*mark_exception)(SpanHead*, const std::exception&) noexcept;
  void (*mark_exception_ptr)(SpanHead*, const std::exception_ptr&) noexcept;
  void (*finish)(SpanHead*, Timestamp) noexcept;
  void (*release_span)(SpanHead*) noexcept;

  ScopeHandle (*activate)(Core*, const SpanTicket&, const SpanContext&) noexcept;
  void (*close_scope)(const ScopeHandle&) noexcept;
  SpanContext (*active_context)() noexcept;
  SpanTicket (*active_ticket)() noexcept;

  void (*set_log_sink)(LogSink, void* state) noexcept;
  void (*set_log_level)(LogLevel) noexcept;
  LogLevel (*log_level)() noexcept;

  void (*set_priority)(SpanHead*, Value) noexcept;
  TakenContext (*take_active_context)() noexcept;
  ScopeHandle (*leave_scopes)(const ScopeHandle&) noexcept;
  void (*enter_scopes)(const ScopeHandle&, const ScopeHandle&) noexcept;
  void (*abandon_scopes)(const ScopeHandle&, const ScopeHandle&) noexcept;
  // These throw what the carrier throws.
  void (*inject)(const TracerHead*, const SpanContext&, HeaderSink);
  SpanContext (*extract)(const TracerHead*, const void* carrier, void (*visit)(const void*, HeaderVisitor));
  void (*inject_binary)(const TracerHead*, const SpanContext&, HeaderSink);
  SpanContext (*extract_binary)(const TracerHead*, std::string_view bytes);
  void (*start_offered)(SpanOffer*) noexcept;
  void (*withdraw)(const SpanOffer*) noexcept;
  ActiveStart (*start_function_near)(std::string_view made, std::string_view name) noexcept;
  void (*lend)(SpanLoan*) noexcept;
  void (*settle)(SpanLoan*, const std::exception_ptr* seen) noexcept;
};

extern constinit const Interface nobody_yet;
extern constinit std::atomic<const Interface*> followed;  // null: this copy leads
const Interface* find_leader() noexcept;

// Null where this copy leads. The first call decides it, and takes the loader's lock.
// acquire: pairs with the release in find_leader.
inline const Interface* leader() noexcept {
  const Interface* known = followed.load(std::memory_order_acquire);
  return !known || known != &nobody_yet ? known : find_leader();
}

// Is that known already, and is it this copy?
inline bool is_leader() noexcept { return followed.load(std::memory_order_acquire) == nullptr; }
// Is that known already, and is it another one?
inline bool is_follower() noexcept {
  const Interface* known = followed.load(std::memory_order_acquire);
  return known && known != &nobody_yet;
}

// For whoever finds is_leader() false: the leader's entry, or our own function after all.
template <class R, class... A>
[[gnu::noinline, gnu::cold]] R pass_on(R (*Interface::*entry)(A...) noexcept,
                                       std::type_identity_t<R (*)(A...) noexcept> own,
                                       std::type_identity_t<A>... arguments) noexcept {
  const Interface* other = leader();
  if (!other && !is_leader()) return R();  // asked while it is being found out
  return (other ? other->*entry : own)(arguments...);
}

// The leader's side of what has no name of its own elsewhere.
bool init_here(const ConfigView*, std::size_t, void* to, ErrorSink) noexcept;
TracerHead* make_tracer_here(const ConfigView*, std::size_t, void* to, ErrorSink) noexcept;
SpanHead* start_for_follower(Core*, std::string_view name, const StartOptions*, std::size_t) noexcept;
ActiveStart start_active_for_follower(Core*, std::string_view name, const StartOptions*, std::size_t) noexcept;
void put_item_for_follower(SpanHead*, Op, std::string_view key, std::string_view value) noexcept;
void put_flag_for_follower(SpanHead*, std::string_view key, bool value) noexcept;
ScopeHandle activate_for_follower(Core*, const SpanTicket&, const SpanContext&) noexcept;

}  // namespace jtrace::inline v1::detail
