// HeaderTable: what a header is to us, told by its name. Made once of the settings that say which formats are read and what their headers
// are called; asked for each header of each request, where most are nobody's here.
//
//   by_letter_[first letter, in either case]  ──▶  a bit for each of entries_ that begins so  ──▶  the first whose name it is
//
// Thread safety: immutable. The Propagation that it is made of must live as long.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "propagation/b3_format.h"
#include "propagation/header_name.h"
#include "propagation/propagation.h"
#include "propagation/w3c_baggage.h"
#include "propagation/w3c_format.h"

namespace jtrace::inline v1::detail {

enum class HeaderKind : std::uint8_t {
  none,
  jaeger_context,
  jaeger_baggage,
  w3c_parent,
  w3c_state,
  w3c_baggage,
  b3_single,
  b3_trace_id,
  b3_span_id,
  b3_sampled,
  b3_flags,
  b3_baggage,
  debug_id,
  debug_baggage
};

class HeaderTable {
 public:
  // Where two have the same name, it is that of the one that is added first.
  constexpr explicit HeaderTable(const Propagation& how) noexcept : how_(how) {
    if (how.count == 0) return;
    if (how.has(Format::jaeger)) add_jaeger();
    if (how.has(Format::w3c_context)) add_w3c();
    if (how.has(Format::w3c_baggage)) add(HeaderKind::w3c_baggage, kW3cBaggage);
    if (how.has(Format::b3_multi) || how.has(Format::b3_single)) add_b3();
    add(HeaderKind::debug_id, how.debug_id_header);
    add(HeaderKind::debug_baggage, how.baggage_header);
  }

  const Propagation& how() const noexcept { return how_; }

  // Whose name may it be? 0: nobody's. To be asked first.
  [[gnu::always_inline]] std::uint32_t candidates(std::string_view name) const noexcept {
    return name.empty() ? 0 : by_letter_[index_of(name.front())];
  }
  [[gnu::always_inline]] HeaderKind find(std::string_view name, std::uint32_t candidates) const noexcept {
    for (; candidates != 0; candidates &= candidates - 1) {
      const Entry& entry = entries_[std::countr_zero(candidates)];
      if (entry.is_prefix ? entry.name.begins(name) : entry.name.is(name)) return entry.kind;
    }
    return HeaderKind::none;
  }

 private:
  struct Entry {
    HeaderName name;
    HeaderKind kind = HeaderKind::none;
    bool is_prefix = false;
  };
  static constexpr std::size_t kMostEntries = 13;

  static constexpr std::size_t index_of(char letter) noexcept { return static_cast<unsigned char>(letter) & 31; }

  constexpr void add(HeaderKind kind, HeaderName name, bool is_prefix = false) noexcept {
    by_letter_[index_of(name.view().front())] |= static_cast<std::uint16_t>(1u << count_);
    entries_[count_++] = {name, kind, is_prefix};
  }
  constexpr void add_jaeger() noexcept {
    add(HeaderKind::jaeger_context, how_.trace_id_header);
    add(HeaderKind::jaeger_baggage, how_.baggage_header_prefix, true);
  }
  constexpr void add_w3c() noexcept {
    add(HeaderKind::w3c_parent, kW3cParent);
    add(HeaderKind::w3c_state, kW3cState);
  }
  constexpr void add_b3() noexcept {
    add(HeaderKind::b3_single, kB3Single);
    add(HeaderKind::b3_trace_id, kB3TraceId);
    add(HeaderKind::b3_span_id, kB3SpanId);
    add(HeaderKind::b3_sampled, kB3Sampled);
    add(HeaderKind::b3_flags, kB3Flags);
    add(HeaderKind::b3_baggage, kB3BaggagePrefix, true);
  }

  const Propagation& how_;
  std::uint16_t by_letter_[32]{};
  std::size_t count_ = 0;
  Entry entries_[kMostEntries]{};
};

}  // namespace jtrace::inline v1::detail
