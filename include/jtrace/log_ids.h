// LogIds: the ids of what is active on this thread as text, for the lines of whatever logger.
//
//   LOG(INFO) << "sold " << jtrace::log_ids().c_str();      // sold trace_id=5f0c…e1 span_id=8d07…3b
//
// Empty where nothing is active. No heap, no lock; each id alone is active_context().trace_id().hex().c_str().
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "jtrace/span.h"

namespace jtrace::inline v1 {

class LogIds {
 public:
  LogIds() noexcept = default;
  explicit LogIds(const SpanContext& context) noexcept {
    if (!context.is_valid()) return;
    const auto trace_id = context.trace_id().hex();
    const auto span_id = context.span_id().hex();
    put("trace_id=");
    put(trace_id.view());
    put(" span_id=");
    put(span_id.view());
  }

  const char* c_str() const& noexcept { return chars_.data(); }
  std::string_view view() const& noexcept { return {chars_.data(), size_}; }
  std::string_view view() const&& = delete;

 private:
  void put(std::string_view part) noexcept {
    std::memcpy(chars_.data() + size_, part.data(), part.size());
    size_ += part.size();
  }

  std::array<char, 67> chars_{};  // 9 and 32 letters, 9 and 16, and the end
  std::size_t size_ = 0;
};

inline LogIds log_ids() noexcept { return LogIds(active_context()); }

}  // namespace jtrace::inline v1
