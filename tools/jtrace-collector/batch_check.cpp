#include "batch_check.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

namespace jtrace::collector {
namespace {

enum Type : std::uint8_t {
  kStop = 0,
  kBool = 2,
  kByte = 3,
  kDouble = 4,
  kI16 = 6,
  kI32 = 8,
  kI64 = 10,
  kString = 11,
  kStruct = 12,
  kMap = 13,
  kSet = 14,
  kList = 15,
};

// The depth to which Thrift's Go reader follows unknown fields.
constexpr int kMaxSkipDepth = 64;
// The largest length that Thrift's Go reader accepts at all: its default message size.
constexpr std::int32_t kMaxLength = 100 * 1024 * 1024;

struct StructShape;

// One field as jaeger.thrift declares it. `of` names the struct, or the struct that a list holds.
struct FieldShape {
  std::int16_t id;
  Type type;
  const char* name;
  bool required;
  const StructShape* of;
  bool binary = false;
};

struct StructShape {
  const char* name;
  std::span<const FieldShape> fields;
};

constexpr FieldShape kTagFields[] = {
    {1, kString, "Key", true, nullptr},     {2, kI32, "VType", true, nullptr},
    {3, kString, "VStr", false, nullptr},   {4, kDouble, "VDouble", false, nullptr},
    {5, kBool, "VBool", false, nullptr},    {6, kI64, "VLong", false, nullptr},
    {7, kString, "VBinary", false, nullptr, true},
};
constexpr StructShape kTag{"*jaeger.Tag", kTagFields};

constexpr FieldShape kLogFields[] = {
    {1, kI64, "Timestamp", true, nullptr},
    {2, kList, "Fields", true, &kTag},
};
constexpr StructShape kLog{"*jaeger.Log", kLogFields};

constexpr FieldShape kSpanRefFields[] = {
    {1, kI32, "RefType", true, nullptr},
    {2, kI64, "TraceIdLow", true, nullptr},
    {3, kI64, "TraceIdHigh", true, nullptr},
    {4, kI64, "SpanId", true, nullptr},
};
constexpr StructShape kSpanRef{"*jaeger.SpanRef", kSpanRefFields};

constexpr FieldShape kSpanFields[] = {
    {1, kI64, "TraceIdLow", true, nullptr},
    {2, kI64, "TraceIdHigh", true, nullptr},
    {3, kI64, "SpanId", true, nullptr},
    {4, kI64, "ParentSpanId", true, nullptr},
    {5, kString, "OperationName", true, nullptr},
    {6, kList, "References", false, &kSpanRef},
    {7, kI32, "Flags", true, nullptr},
    {8, kI64, "StartTime", true, nullptr},
    {9, kI64, "Duration", true, nullptr},
    {10, kList, "Tags", false, &kTag},
    {11, kList, "Logs", false, &kLog},
};
constexpr StructShape kSpan{"*jaeger.Span", kSpanFields};

constexpr FieldShape kProcessFields[] = {
    {1, kString, "ServiceName", true, nullptr},
    {2, kList, "Tags", false, &kTag},
};
constexpr StructShape kProcess{"*jaeger.Process", kProcessFields};

constexpr FieldShape kStatsFields[] = {
    {1, kI64, "FullQueueDroppedSpans", true, nullptr},
    {2, kI64, "TooLargeDroppedSpans", true, nullptr},
    {3, kI64, "FailedToEmitSpans", true, nullptr},
};
constexpr StructShape kStats{"*jaeger.ClientStats", kStatsFields};

constexpr FieldShape kBatchFields[] = {
    {1, kStruct, "Process", true, &kProcess},
    {2, kList, "Spans", true, &kSpan},
    {3, kI64, "SeqNo", false, nullptr},
    {4, kStruct, "Stats", false, &kStats},
};
constexpr StructShape kBatch{"*jaeger.Batch", kBatchFields};

// Reads forward over the body; the first fault sticks, and every step says whether to go on.
class Walk {
 public:
  explicit Walk(std::string_view body) : body_(body) {}

  bool read_struct(const StructShape& shape);
  const std::string& fault() const { return fault_; }

 private:
  bool read_field(const FieldShape& field);
  bool read_list(const StructShape& of);
  bool skip(std::uint8_t type, int depth);
  bool skip_struct(int depth);
  bool skip_map(int depth);
  bool skip_list(int depth);

  bool read_byte(std::uint8_t& byte);
  bool read_fixed(std::size_t bytes);
  bool read_length(std::int32_t& length);
  bool read_text(bool binary);
  bool read_field_header(std::uint8_t& type, std::int16_t& id);

  bool fail(std::string why);
  bool prepend(const std::string& what);
  std::size_t left() const { return body_.size() - at_; }

  std::string_view body_;
  std::size_t at_ = 0;
  std::string fault_;
  // Go's reader keeps numbers and short strings in one buffer and shows what is left in it when a field id is
  // cut off; so do we, to name the same field.
  std::array<char, 64> scratch_{};
};

bool Walk::fail(std::string why) {
  fault_ = std::move(why);
  return false;
}

bool Walk::prepend(const std::string& what) {
  fault_.insert(0, what);
  return false;
}

bool Walk::read_byte(std::uint8_t& byte) {
  if (left() == 0) return fail("EOF");
  byte = static_cast<std::uint8_t>(body_[at_++]);
  return true;
}

bool Walk::read_fixed(std::size_t bytes) {
  const std::size_t got = std::min(bytes, left());
  std::memcpy(scratch_.data(), body_.data() + at_, got);
  at_ += got;
  if (got == bytes) return true;
  return fail(got == 0 ? "EOF" : "unexpected EOF");
}

bool Walk::read_length(std::int32_t& length) {
  if (!read_fixed(4)) return false;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = (bits << 8) | static_cast<std::uint8_t>(scratch_[i]);
  length = static_cast<std::int32_t>(bits);
  if (length < 0) return fail("negative size: " + std::to_string(length));
  if (length > kMaxLength) return fail("size exceeded max allowed: " + std::to_string(length));
  return true;
}

bool Walk::read_text(bool binary) {
  std::int32_t length = 0;
  if (!read_length(length)) return false;
  const auto bytes = static_cast<std::size_t>(length);
  if (!binary && bytes < scratch_.size()) return bytes == 0 || read_fixed(bytes);
  if (bytes > left()) return fail("EOF");
  at_ += bytes;
  return true;
}

bool Walk::read_field_header(std::uint8_t& type, std::int16_t& id) {
  id = 0;
  if (!read_byte(type)) return false;
  if (type == kStop) return true;
  const bool whole = read_fixed(2);
  id = static_cast<std::int16_t>((static_cast<std::uint8_t>(scratch_[0]) << 8) |
                                 static_cast<std::uint8_t>(scratch_[1]));
  return whole;
}

bool Walk::skip(std::uint8_t type, int depth) {
  if (depth <= 0) return fail("Depth limit exceeded");
  std::uint8_t byte = 0;
  switch (type) {
    case kBool:
    case kByte:
      return read_byte(byte);
    case kI16:
      return read_fixed(2);
    case kI32:
      return read_fixed(4);
    case kI64:
    case kDouble:
      return read_fixed(8);
    case kString:
      return read_text(false);
    case kStruct:
      return skip_struct(depth);
    case kMap:
      return skip_map(depth);
    case kSet:
    case kList:
      return skip_list(depth);
    default:
      return fail("Unknown data type " + std::to_string(type));
  }
}

bool Walk::skip_struct(int depth) {
  while (true) {
    std::uint8_t type = 0;
    std::int16_t id = 0;
    if (!read_field_header(type, id)) return false;
    if (type == kStop) return true;
    if (!skip(type, depth - 1)) return false;
  }
}

bool Walk::skip_map(int depth) {
  std::uint8_t key = 0;
  std::uint8_t value = 0;
  std::int32_t count = 0;
  if (!read_byte(key) || !read_byte(value) || !read_length(count)) return false;
  for (; count > 0; --count) {
    if (!skip(key, depth - 1) || !skip(value, depth - 1)) return false;
  }
  return true;
}

bool Walk::skip_list(int depth) {
  std::uint8_t element = 0;
  std::int32_t count = 0;
  if (!read_byte(element) || !read_length(count)) return false;
  for (; count > 0; --count) {
    if (!skip(element, depth - 1)) return false;
  }
  return true;
}

bool Walk::read_list(const StructShape& of) {
  std::uint8_t element = 0;
  std::int32_t count = 0;
  if (!read_byte(element) || !read_length(count)) return prepend("error reading list begin: ");
  for (; count > 0; --count) {
    if (!read_struct(of)) return prepend(std::string(of.name) + " error reading struct: ");
  }
  return true;
}

bool Walk::read_field(const FieldShape& field) {
  if (field.type == kList) return read_list(*field.of);
  if (field.type == kStruct) {
    return read_struct(*field.of) || prepend(std::string(field.of->name) + " error reading struct: ");
  }
  const bool whole = field.type == kString ? read_text(field.binary) : skip(field.type, 1);
  return whole || prepend("error reading field " + std::to_string(field.id) + ": ");
}

bool Walk::read_struct(const StructShape& shape) {
  std::uint32_t seen = 0;  // bit n: the field at index n was there
  while (true) {
    std::uint8_t type = 0;
    std::int16_t id = 0;
    if (!read_field_header(type, id)) {
      return prepend(std::string(shape.name) + " field " + std::to_string(id) + " read error: ");
    }
    if (type == kStop) break;
    const auto index = static_cast<std::size_t>(id) - 1;
    const bool known = index < shape.fields.size() && shape.fields[index].type == type;
    if (!(known ? read_field(shape.fields[index]) : skip(type, kMaxSkipDepth))) return false;
    if (known) seen |= 1U << index;
  }
  for (std::size_t index = 0; index < shape.fields.size(); ++index) {
    const FieldShape& field = shape.fields[index];
    if (field.required && !(seen & (1U << index))) {
      return fail(std::string("Required field ") + field.name + " is not set");
    }
  }
  return true;
}

}  // namespace

std::optional<std::string> find_fault(std::string_view body) {
  Walk walk(body);
  if (walk.read_struct(kBatch)) return std::nullopt;
  return walk.fault();
}

}  // namespace jtrace::collector
