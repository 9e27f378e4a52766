// Records for tests of the queue: numbered, and filled with bytes that depend on the number, so that one that was put
// together wrongly is noticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "queue/span_queue.h"
#include "record/record_view.h"

namespace numbered {

using namespace jtrace::detail;

inline constexpr std::size_t kHead = sizeof(RecordHeader);

inline char byte_of(std::uint64_t thread, std::uint64_t number, std::size_t at) {
  return static_cast<char>(thread * 131 + number * 31 + at * 7 + (at >> 8));
}

// A record of `size` bytes: the thread in trace_low, the number in span_id, the pattern behind the header.
inline std::vector<char> made(std::uint64_t thread, std::uint64_t number, std::size_t size) {
  std::vector<char> record(size + kCopyStep);
  RecordHeader header{};
  header.trace_low = thread;
  header.span_id = number;
  std::memcpy(record.data(), &header, sizeof header);
  for (std::size_t at = kHead; at < size; ++at) record[at] = byte_of(thread, number, at);
  return record;
}

inline bool is_whole(const char* record, std::size_t size) {
  const RecordView view(record);
  if (view.header().size != size) return false;
  for (std::size_t at = kHead; at < size; ++at) {
    if (record[at] != byte_of(view.header().trace_low, view.header().span_id, at)) return false;
  }
  return true;
}

inline bool push(SpanQueue& queue, ThreadState& state, std::uint64_t thread, std::uint64_t number, std::size_t size) {
  std::vector<char> record = made(thread, number, size);
  if (size <= kChunkCapacity) return queue.push(state, record.data(), size);
  std::size_t at = 0;
  RecordHeader header;
  std::memcpy(&header, record.data(), sizeof header);
  return queue.push_pieces(state, &header, size, [&](char* to, std::size_t wanted) {
    // The header was sealed meanwhile.
    if (at == 0) std::memcpy(record.data(), &header, sizeof header);
    std::memcpy(to, record.data() + at, wanted);
    at += wanted;
  });
}

}  // namespace numbered
