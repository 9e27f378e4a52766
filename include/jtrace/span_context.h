// TraceId, SpanId and SpanContext: the identity that a span hands to its children, near or far.
//
// All three are values: copy, compare and keep them as long as you like, on any thread. A SpanContext stays valid
// after its span has finished. Ids follow Jaeger's model: a trace id of 128 bits, a span id of 64, zero is "none".
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "jtrace/detail/export.h"
#include "jtrace/text.h"

namespace jtrace::inline v1 {

// N lower-case hex digits, by value and with a terminating zero. A view of a temporary does not compile.
template <std::size_t N>
struct HexText {
  std::array<char, N + 1> chars{};

  const char* c_str() const& noexcept { return chars.data(); }
  std::string_view view() const& noexcept { return {chars.data(), N}; }
  std::string_view view() const&& = delete;
  operator std::string_view() const& noexcept { return view(); }
  operator std::string_view() const&& = delete;
  std::string str() const { return std::string(chars.data(), N); }
};

namespace detail {

constexpr void put_hex(char* to, std::uint64_t value) noexcept {
  for (int i = 15; i >= 0; --i, value >>= 4) to[i] = "0123456789abcdef"[value & 15];
}

// Baggage and tracestate of a context: immutable once shared, counted, null for nearly every context.
class Baggage;
JTRACE_API void retain(const Baggage*) noexcept;
JTRACE_API void release(const Baggage*) noexcept;
JTRACE_API bool has_items(const Baggage*) noexcept;
JTRACE_API std::string_view trace_state(const Baggage*) noexcept;
JTRACE_API std::string_view baggage_item(const Baggage*, std::string_view key) noexcept;
JTRACE_API void visit_baggage(const Baggage*, void* state, void (*see)(void*, std::string_view, std::string_view));

}  // namespace detail

struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  constexpr bool is_valid() const noexcept { return (high | low) != 0; }
  HexText<32> hex() const noexcept {
    HexText<32> text;
    detail::put_hex(text.chars.data(), high);
    detail::put_hex(text.chars.data() + 16, low);
    return text;
  }
  auto operator<=>(const TraceId&) const = default;
};

struct SpanId {
  std::uint64_t value = 0;

  constexpr bool is_valid() const noexcept { return value != 0; }
  HexText<16> hex() const noexcept {
    HexText<16> text;
    detail::put_hex(text.chars.data(), value);
    return text;
  }
  auto operator<=>(const SpanId&) const = default;
};

class SpanContext {
 public:
  // Bits of Jaeger's flags that jtrace uses (jaeger.thrift, Span.flags).
  static constexpr std::uint32_t kSampled = 1;
  static constexpr std::uint32_t kDebug = 2;
  // Beside them, what jtrace itself remembers of where a context came from. Set where nobody said that the trace id is random
  // (W3C Trace Context, level 2): of those that jtrace draws it is.
  static constexpr std::uint32_t kNotRandom = 1u << 8;
  // The caller leaves the decision to sample to us (B3 without a sampling state).
  static constexpr std::uint32_t kUndecided = 1u << 9;
  // Of a context without ids: whether to sample was decided nevertheless (B3's "0", "1" and "d").
  static constexpr std::uint32_t kDecided = 1u << 10;
  // Of another process: extracted from a carrier.
  static constexpr std::uint32_t kRemote = 1u << 11;

  constexpr SpanContext() noexcept = default;
  constexpr SpanContext(TraceId trace_id, SpanId span_id, bool sampled) noexcept
      : trace_id_(trace_id), span_id_(span_id), flags_((sampled ? kSampled : 0) | kNotRandom) {}
  constexpr SpanContext(TraceId trace_id, SpanId span_id, std::uint32_t flags, const detail::Baggage* adopted) noexcept
      : trace_id_(trace_id), span_id_(span_id), baggage_(adopted), flags_(flags) {}

  SpanContext(const SpanContext& other) noexcept
      : trace_id_(other.trace_id_), span_id_(other.span_id_), baggage_(other.baggage_), flags_(other.flags_) {
    if (baggage_) detail::retain(baggage_);
  }
  SpanContext(SpanContext&& other) noexcept
      : trace_id_(other.trace_id_), span_id_(other.span_id_), baggage_(std::exchange(other.baggage_, nullptr)),
        flags_(other.flags_) {}
  SpanContext& operator=(SpanContext other) noexcept {
    trace_id_ = other.trace_id_;
    span_id_ = other.span_id_;
    flags_ = other.flags_;
    std::swap(baggage_, other.baggage_);
    return *this;
  }
  ~SpanContext() {
    if (baggage_) detail::release(baggage_);
  }

  TraceId trace_id() const noexcept { return trace_id_; }
  SpanId span_id() const noexcept { return span_id_; }
  std::uint32_t flags() const noexcept { return flags_ & 0xff; }  // Jaeger's
  bool is_valid() const noexcept { return trace_id_.is_valid() && span_id_.is_valid(); }
  bool is_sampled() const noexcept { return (flags_ & kSampled) != 0; }
  bool is_debug() const noexcept { return (flags_ & kDebug) != 0; }

  // The value of a baggage item, or empty. The view lives as long as this context.
  std::string_view baggage_item(Text key) const& noexcept {
    return baggage_ ? detail::baggage_item(baggage_, key) : std::string_view();
  }
  std::string_view baggage_item(Text) const&& = delete;
  bool has_baggage() const noexcept { return baggage_ && detail::has_items(baggage_); }
  // Calls f(key, value) for each item, in the order in which they were set.
  template <class F>
  void visit_baggage(F&& f) const {
    if (baggage_) {
      detail::visit_baggage(baggage_, &f, [](void* state, std::string_view key, std::string_view value) {
        (*static_cast<std::remove_reference_t<F>*>(state))(key, value);
      });
    }
  }

  // The W3C's tracestate as it came in, to be passed on. The view lives as long as this context.
  std::string_view trace_state() const& noexcept {
    return baggage_ ? detail::trace_state(baggage_) : std::string_view();
  }
  std::string_view trace_state() const&& = delete;
  // Is the trace id random, as far as is known? The W3C's flag of that name.
  bool has_random_trace_id() const noexcept { return is_valid() && (flags_ & kNotRandom) == 0; }

  // The same identity; baggage is not part of it.
  friend bool operator==(const SpanContext& a, const SpanContext& b) noexcept {
    return a.trace_id_ == b.trace_id_ && a.span_id_ == b.span_id_;
  }

  // For the library: all flags; the shared block itself; and another identity for a context that has none, and gets none.
  constexpr std::uint32_t all_flags() const noexcept { return flags_; }
  const detail::Baggage* baggage() const noexcept { return baggage_; }
  void become(TraceId trace_id, SpanId span_id, std::uint32_t flags) noexcept {
    trace_id_ = trace_id;
    span_id_ = span_id;
    flags_ = flags;
  }

 private:
  TraceId trace_id_;
  SpanId span_id_;
  const detail::Baggage* baggage_ = nullptr;
  std::uint32_t flags_ = 0;
};

}  // namespace jtrace::inline v1
