// RecordBuilder: a finished span written by hand, item by item, as record.h describes it. What it makes is what the
// queue carries and the encoder reads; it knows nothing of the code that writes records in the library.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "queue/chunk.h"
#include "record/record.h"

namespace fixture {

namespace record = jtrace::detail;

class RecordBuilder {
 public:
  explicit RecordBuilder(std::string_view name = "op") : name_(name) {
    header_.flags = record::kSampledFlag;
    header_.trace_low = 1;
    header_.span_id = 2;
    ticks(0, 2'000'000);
  }

  RecordBuilder& trace(std::uint64_t high, std::uint64_t low) {
    header_.trace_high = high;
    header_.trace_low = low;
    return *this;
  }
  RecordBuilder& span(std::uint64_t id) { return header_.span_id = id, *this; }
  RecordBuilder& parent(std::uint64_t id) { return header_.parent_id = id, *this; }
  RecordBuilder& flag(std::uint32_t bits) { return header_.flags |= bits, *this; }
  RecordBuilder& no_flag(std::uint32_t bits) { return header_.flags &= ~bits, *this; }
  RecordBuilder& kind(std::uint32_t kind) { return flag(kind << record::kKindShift); }
  // Wall-clock nanoseconds.
  RecordBuilder& wall(std::int64_t start, std::int64_t end) {
    return stamps(static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end)),
           flag(record::kStartIsWall | record::kEndIsWall);
  }
  RecordBuilder& ticks(std::uint64_t start, std::uint64_t end) {
    return stamps(start, end), no_flag(record::kStartIsWall | record::kEndIsWall);
  }
  RecordBuilder& start_is_wall(std::int64_t start) {
    return header_.start = static_cast<std::uint64_t>(start), flag(record::kStartIsWall);
  }

  RecordBuilder& text(std::string_view key, std::string_view value) { return item(record::Op::text, key, value); }
  RecordBuilder& binary(std::string_view key, std::string_view value) { return item(record::Op::binary, key, value); }
  RecordBuilder& boolean(std::string_view key, bool value) {
    return head(record::Op::boolean, next_flags_, key, value ? 1 : 0);
  }
  RecordBuilder& integer(std::string_view key, std::int64_t value) {
    return word(record::Op::integer, key, static_cast<std::uint64_t>(value));
  }
  RecordBuilder& unsigned_integer(std::string_view key, std::uint64_t value) {
    return word(record::Op::unsigned_integer, key, value);
  }
  RecordBuilder& floating(std::string_view key, double value) {
    return word(record::Op::floating, key, std::bit_cast<std::uint64_t>(value));
  }
  // Items that follow are fields of this log, until tags() or the next log.
  RecordBuilder& log_at_wall(std::int64_t nanoseconds) {
    return log(record::kWall, static_cast<std::uint64_t>(nanoseconds));
  }
  RecordBuilder& log_at_ticks(std::uint64_t ticks) { return log(0, ticks); }
  RecordBuilder& tags() { return next_flags_ = 0, *this; }

  RecordBuilder& rename(std::string_view name) {
    flag(record::kRenamed);
    head(record::Op::rename, 0, {}, static_cast<std::uint32_t>(name.size()));
    return add(name);
  }
  RecordBuilder& follows_from(std::uint64_t high, std::uint64_t low, std::uint64_t span) {
    flag(record::kHasLinks);
    const std::uint64_t ids[3] = {high, low, span};
    head(record::Op::follows_from, 0, {}, sizeof ids);
    return add({reinterpret_cast<const char*>(ids), sizeof ids});
  }

  // The whole record; valid until the next call of build(), with room behind it for the last step of a copy.
  char* build() {
    header_.name_size = static_cast<std::uint32_t>(name_.size());
    const std::size_t size = sizeof header_ + name_.size() + items_.size();
    header_.size = static_cast<std::uint32_t>(record::align8(size));
    built_.assign(record::align8(size) + jtrace::detail::kCopyStep, '\0');
    std::memcpy(built_.data(), &header_, sizeof header_);
    name_.copy(built_.data() + sizeof header_, name_.size());
    items_.copy(built_.data() + sizeof header_ + name_.size(), items_.size());
    return built_.data();
  }
  std::size_t size() const { return header_.size; }
  const record::RecordHeader& header() const { return header_; }

 private:

  RecordBuilder& stamps(std::uint64_t start, std::uint64_t end) {
    header_.start = start;
    header_.end = end;
    return *this;
  }
  RecordBuilder& log(std::uint8_t flags, std::uint64_t stamp) {
    flag(record::kHasLogs);
    head(record::Op::log, flags, {}, sizeof stamp);
    add({reinterpret_cast<const char*>(&stamp), sizeof stamp});
    next_flags_ = record::kField;
    return *this;
  }
  RecordBuilder& item(record::Op op, std::string_view key, std::string_view value) {
    head(op, next_flags_, key, static_cast<std::uint32_t>(value.size()));
    return add(value);
  }
  RecordBuilder& word(record::Op op, std::string_view key, std::uint64_t value) {
    return item(op, key, {reinterpret_cast<const char*>(&value), sizeof value});
  }
  RecordBuilder& head(record::Op op, std::uint8_t flags, std::string_view key, std::uint32_t value_size) {
    const record::ItemHeader header{op, flags, static_cast<std::uint16_t>(key.size()), value_size};
    add({reinterpret_cast<const char*>(&header), sizeof header});
    return add(key);
  }
  RecordBuilder& add(std::string_view bytes) { return items_.append(bytes), *this; }

  record::RecordHeader header_{};
  std::string name_, items_;
  std::uint8_t next_flags_ = 0;
  std::vector<char> built_;
};

}  // namespace fixture
