// The usual span: what most spans are, and what the encoder's quick ways are made for. A rare one has something that
// asks for more care: another name, links, logs, a stamp of the wall clock, or very many bytes.
#pragma once

#include <cstddef>

#include "record/record_view.h"

namespace jtrace::inline v1::detail {

inline constexpr std::size_t kUsualBytes = 4096;

// Two questions, instead of one for each of these.
inline bool is_rare(RecordView record) noexcept {
  return record.has(kRenamed | kHasLinks | kHasLogs | kStartIsWall | kEndIsWall) || record.header().size > kUsualBytes;
}

}  // namespace jtrace::inline v1::detail
