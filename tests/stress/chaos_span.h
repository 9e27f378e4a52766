// What the spans of the fault suite carry, known to the program that makes them and to the collector that checks them.
#pragma once

#include <cstdint>
#include <string>

namespace chaos {

// Mostly short; of one span in forty it does not fit into a chunk of the queue.
inline std::string text_of(std::uint64_t span_id) {
  const std::size_t size = span_id % 40 == 0 ? 4'096 + span_id % 20'011 : span_id % 101;
  return std::string(size, static_cast<char>('a' + span_id % 26));
}

}  // namespace chaos
