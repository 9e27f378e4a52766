// Item: how a tag, a log or another event of a span lies in its record, behind the items before it.
//
//   item := ItemHeader  key  value
//
//   op                 value                              note
//   text, binary       value_size bytes                   a tag, or a field of the log before it (kField)
//   integer, unsigned  8 bytes, the machine's order
//   floating           8 bytes
//   boolean            none: value_size is 0 or 1
//   log                8 bytes: its time stamp            fields follow; kWall says which clock
//   rename             the new operation name
//   follows_from       24 bytes: trace high, low, span id
//
// Fixed for v1: the usual tags are written by the headers themselves, see add_value in abi.h.
#pragma once

#include <cstdint>

namespace jtrace::inline v1::detail {

enum class Op : std::uint8_t {
  text,
  floating,
  boolean,
  integer,
  binary,
  unsigned_integer,
  log,
  rename,
  follows_from,
};
inline constexpr std::uint8_t kField = 1;  // ItemHeader::flags: belongs to the log before it
inline constexpr std::uint8_t kWall = 2;   // its stamp is wall-clock nanoseconds rather than ticks

struct ItemHeader {
  Op op;
  std::uint8_t flags;
  std::uint16_t key_size;
  std::uint32_t value_size;
};
static_assert(sizeof(ItemHeader) == 8);

}  // namespace jtrace::inline v1::detail
