#include "otlp_protobuf.h"

#include <bit>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "json_text.h"

namespace jtrace::collector {
namespace {

using nlohmann::json;

constexpr int kMostNested = 64;

enum class Kind { kText, kHex, kBase64, kInteger, kBool, kDouble, kFixed64, kFixed32, kMessage, kMessages };
struct Message;
// A field by its number, its name in JSON, and what it is.
struct FieldOf {
  unsigned number;
  const char* name;
  Kind kind;
  const Message* message = nullptr;
};
struct Message {
  std::span<const FieldOf> fields;
};

extern const Message kAnyValue;
extern const Message kKeyValue;

const FieldOf kArrayFields[] = {{1, "values", Kind::kMessages, &kAnyValue}};
const Message kArray{kArrayFields};
const FieldOf kListFields[] = {{1, "values", Kind::kMessages, &kKeyValue}};
const Message kList{kListFields};
const FieldOf kAnyFields[] = {{1, "stringValue", Kind::kText},          {2, "boolValue", Kind::kBool},
                              {3, "intValue", Kind::kInteger},          {4, "doubleValue", Kind::kDouble},
                              {5, "arrayValue", Kind::kMessage, &kArray}, {6, "kvlistValue", Kind::kMessage, &kList},
                              {7, "bytesValue", Kind::kBase64}};
const Message kAnyValue{kAnyFields};
const FieldOf kKeyFields[] = {{1, "key", Kind::kText}, {2, "value", Kind::kMessage, &kAnyValue}};
const Message kKeyValue{kKeyFields};
const FieldOf kEventFields[] = {{1, "timeUnixNano", Kind::kFixed64}, {2, "name", Kind::kText}, {3, "attributes", Kind::kMessages, &kKeyValue}};
const Message kEvent{kEventFields};
const FieldOf kLinkFields[] = {{1, "traceId", Kind::kHex}, {2, "spanId", Kind::kHex}, {4, "attributes", Kind::kMessages, &kKeyValue}};
const Message kLink{kLinkFields};
const FieldOf kStatusFields[] = {{2, "message", Kind::kText}, {3, "code", Kind::kInteger}};
const Message kStatus{kStatusFields};
const FieldOf kSpanFields[] = {{1, "traceId", Kind::kHex},
                               {2, "spanId", Kind::kHex},
                               {3, "traceState", Kind::kText},
                               {4, "parentSpanId", Kind::kHex},
                               {5, "name", Kind::kText},
                               {6, "kind", Kind::kInteger},
                               {7, "startTimeUnixNano", Kind::kFixed64},
                               {8, "endTimeUnixNano", Kind::kFixed64},
                               {9, "attributes", Kind::kMessages, &kKeyValue},
                               {11, "events", Kind::kMessages, &kEvent},
                               {13, "links", Kind::kMessages, &kLink},
                               {15, "status", Kind::kMessage, &kStatus},
                               {16, "flags", Kind::kFixed32}};
const Message kSpan{kSpanFields};
const FieldOf kScopeFields[] = {{1, "name", Kind::kText}, {2, "version", Kind::kText}};
const Message kScope{kScopeFields};
const FieldOf kScopeSpansFields[] = {{1, "scope", Kind::kMessage, &kScope}, {2, "spans", Kind::kMessages, &kSpan}};
const Message kScopeSpans{kScopeSpansFields};
const FieldOf kResourceFields[] = {{1, "attributes", Kind::kMessages, &kKeyValue}};
const Message kResource{kResourceFields};
const FieldOf kResourceSpansFields[] = {{1, "resource", Kind::kMessage, &kResource}, {2, "scopeSpans", Kind::kMessages, &kScopeSpans}};
const Message kResourceSpans{kResourceSpansFields};
const FieldOf kRequestFields[] = {{1, "resourceSpans", Kind::kMessages, &kResourceSpans}};
const Message kRequest{kRequestFields};

[[noreturn]] void fail(const char* what) { throw std::runtime_error(std::string("proto: ") + what); }

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  bool is_done() const { return left_.empty(); }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (left_.empty()) fail("unexpected EOF");
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      if (shift < 64) value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    fail("integer overflow");
  }
  std::uint64_t fixed(std::size_t size) {
    const std::string_view bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  std::string_view sized() {
    const std::uint64_t size = varint();
    if (size > left_.size()) fail("unexpected EOF");
    return take(static_cast<std::size_t>(size));
  }
  void skip(unsigned type) {
    if (type == 0) {
      varint();
    } else if (type == 1 || type == 5) {
      take(type == 1 ? 8 : 4);
    } else if (type == 2) {
      sized();
    } else {
      fail("cannot parse reserved wire type");
    }
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > left_.size()) fail("unexpected EOF");
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  std::string_view left_;
};

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

unsigned wire_type(Kind kind) {
  switch (kind) {
    case Kind::kInteger:
    case Kind::kBool:
      return 0;
    case Kind::kDouble:
    case Kind::kFixed64:
      return 1;
    case Kind::kFixed32:
      return 5;
    default:
      return 2;
  }
}

json read_message(std::string_view bytes, const Message& message, int depth);

json read_value(Reader& reader, const FieldOf& field, int depth) {
  switch (field.kind) {
    case Kind::kText:
      return std::string(reader.sized());
    case Kind::kHex:
      return hex(reader.sized());
    case Kind::kBase64:
      return base64(reader.sized());
    case Kind::kInteger:
      return static_cast<std::int64_t>(reader.varint());
    case Kind::kBool:
      return reader.varint() != 0;
    case Kind::kDouble:
      return std::bit_cast<double>(reader.fixed(8));
    case Kind::kFixed64:
      return reader.fixed(8);
    case Kind::kFixed32:
      return reader.fixed(4);
    default:
      return read_message(reader.sized(), *field.message, depth + 1);
  }
}

json read_message(std::string_view bytes, const Message& message, int depth) {
  if (depth > kMostNested) fail("exceeded maximum recursion depth");
  json document = json::object();
  for (Reader reader(bytes); !reader.is_done();) {
    const std::uint64_t head = reader.varint();
    const auto type = static_cast<unsigned>(head & 7);
    const FieldOf* known = nullptr;
    for (const FieldOf& field : message.fields) {
      if (field.number == head >> 3 && wire_type(field.kind) == type) known = &field;
    }
    if (!known) {
      reader.skip(type);
    } else if (known->kind == Kind::kMessages) {
      document[known->name].push_back(read_value(reader, *known, depth));
    } else {
      document[known->name] = read_value(reader, *known, depth);
    }
  }
  return document;
}

}  // namespace

json read_otlp_protobuf(std::string_view bytes) { return read_message(bytes, kRequest, 0); }

}  // namespace jtrace::collector
