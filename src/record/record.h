// Record: one finished span as plain bytes, from a caller's hand to the encoder.
//
//   record := RecordHeader  name  item*  padding to 8
//
// Items (jtrace/detail/item.h) stand in the order of the calls. A record that does not fit into one chunk travels as fragments, each with
// a RecordHeader whose flags say so; only `size` and `flags` of a fragment's header count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "jtrace/detail/item.h"

namespace jtrace::inline v1::detail {

// RecordHeader::flags
inline constexpr std::uint32_t kSampledFlag = 1;     // Jaeger's own bits first
inline constexpr std::uint32_t kDebugFlag = 2;
inline constexpr std::uint32_t kJaegerFlags = 0xff;
inline constexpr std::uint32_t kNewTrace = 1u << 8;  // a root that the sampler was asked about: carries its tags
inline constexpr std::uint32_t kStartIsWall = 1u << 9;
inline constexpr std::uint32_t kEndIsWall = 1u << 10;
inline constexpr std::uint32_t kHasLogs = 1u << 11;
inline constexpr std::uint32_t kHasLinks = 1u << 12;
inline constexpr std::uint32_t kRenamed = 1u << 13;
inline constexpr std::uint32_t kCut = 1u << 14;           // something did not fit
inline constexpr std::uint32_t kFragment = 1u << 15;      // a piece of a record
inline constexpr std::uint32_t kLastFragment = 1u << 16;  // its end
inline constexpr std::uint32_t kJoined = 1u << 17;        // its parent is in another process
inline constexpr std::uint32_t kKindShift = 20;           // jtrace::Kind, three bits

struct RecordHeader {
  std::uint32_t size;      // of the whole record or fragment, a multiple of 8
  std::uint32_t sequence;  // grows by one in its thread
  std::uint64_t trace_high, trace_low, span_id, parent_id;
  std::uint64_t start, end;
  std::uint32_t flags;
  std::uint32_t name_size;
};
static_assert(sizeof(RecordHeader) == 64);

inline constexpr std::size_t kMostKeyBytes = 0xffff;

constexpr std::size_t align8(std::size_t size) noexcept { return (size + 7) & ~std::size_t{7}; }

// Short texts are the rule, and are copied by a few loads and stores instead of a call.
inline constexpr std::size_t kShortBytes = 32;

inline void copy_short(char* to, const char* from, std::size_t size) noexcept {
  const auto ends = [&]<class Word>(Word) {  // the first and the last word, which may overlap
    Word first, last;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
  };
  struct Sixteen {
    char bytes[16];
  };
  if (size >= 8) {
    if (size > 16) return ends(Sixteen());
    return ends(std::uint64_t());
  }
  if (size >= 4) return ends(std::uint32_t());
  if (size != 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
}

inline void copy_bytes(char* to, const char* from, std::size_t size) noexcept {
  if (size > kShortBytes) [[unlikely]] {
    std::memcpy(to, from, size);
  } else {
    copy_short(to, from, size);
  }
}

}  // namespace jtrace::inline v1::detail
