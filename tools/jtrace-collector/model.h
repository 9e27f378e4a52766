// What the collector keeps of a trace: spans as plain values, independent of the wire they came by.
//
// `decode` makes them, the store owns them, and every view (terminal, page, JSON) reads them through
// `SpanPtr`. A span does not change once it is made, so any thread may read it.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jtrace::collector {

// 128 bits; the high half is 0 for traces of clients that draw 64.
struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const TraceId&) const = default;
};

struct TraceIdHash {
  std::size_t operator()(const TraceId& id) const noexcept {
    return static_cast<std::size_t>(id.low ^ (id.high * 0x9e3779b97f4a7c15U));
  }
};

// Bytes that are not text, in a type of their own so that a value knows which it is.
struct Binary {
  std::string bytes;

  bool operator==(const Binary&) const = default;
};

using Value = std::variant<std::string, double, bool, std::int64_t, Binary>;

struct Tag {
  std::string key;
  Value value;

  bool operator==(const Tag&) const = default;
};

struct Log {
  std::int64_t timestamp = 0;  // microseconds since the Unix epoch
  std::vector<Tag> fields;

  bool operator==(const Log&) const = default;
};

struct Reference {
  bool follows_from = false;  // else: child of
  TraceId trace_id;
  std::uint64_t span_id = 0;

  bool operator==(const Reference&) const = default;
};

struct Process {
  std::string service;
  std::vector<Tag> tags;

  bool operator==(const Process&) const = default;
};

using ProcessPtr = std::shared_ptr<const Process>;

struct Span {
  TraceId trace_id;
  std::uint64_t span_id = 0;
  std::string operation;
  std::vector<Reference> references;  // the parent is among them, see `parent_of`
  std::int32_t flags = 0;
  std::int64_t start = 0;     // microseconds since the Unix epoch
  std::int64_t duration = 0;  // microseconds, never negative
  std::vector<Tag> tags;
  std::vector<Log> logs;
  ProcessPtr process;  // never null
};

using SpanPtr = std::shared_ptr<const Span>;

// A trace as it was when somebody asked: spans in the order of their start.
struct Trace {
  TraceId id;
  std::vector<SpanPtr> spans;
};

// The span that this one hangs from: the first reference of the same trace that says child of, else the
// first that says follows from, else 0.
std::uint64_t parent_of(const Span& span);

// The last tag of that name, or null.
const Value* find_tag(const std::vector<Tag>& tags, std::string_view key);

// Whether the span carries `error` as a boolean true, the only form that Jaeger recognises.
bool is_error(const Span& span);

// The text of the span's `span.kind`, or empty.
std::string span_kind(const Span& span);

// Lower-case hex: 16 digits for a span; 16 for a trace without a high half, else 32.
std::string to_hex(std::uint64_t id);
std::string to_hex(const TraceId& id);

// All 32 digits, as OTLP writes them.
std::string to_full_hex(const TraceId& id);

// 1 to 32 hex digits in either case, leading zeros optional; nothing for any other text.
std::optional<TraceId> parse_trace_id(std::string_view text);

// The bytes that a span, with everything it alone owns, takes on the heap. Its process is not included.
std::size_t footprint(const Span& span);
std::size_t footprint(const Process& process);

// A number that is equal for spans that are equal in every field; used to know a span sent twice.
std::uint64_t fingerprint(const Span& span);

}  // namespace jtrace::collector
