#include "encode/otlp_protobuf.h"

#include <bit>
#include <cstring>

#include "encode/otlp.h"

namespace jtrace::inline v1::detail {
namespace {

enum WireType : unsigned { kVarint = 0, kFixed64 = 1, kSized = 2, kFixed32 = 5 };

constexpr std::size_t kMostVarint = 10;

std::size_t put_varint(char* to, std::uint64_t value) noexcept {
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7) to[size++] = static_cast<char>(value | 0x80);
  to[size++] = static_cast<char>(value);
  return size;
}

void varint(std::string& to, std::uint64_t value) {
  char bytes[kMostVarint];
  to.append(bytes, put_varint(bytes, value));
}

void head(std::string& to, unsigned field, WireType type) { varint(to, field << 3 | type); }

void number(std::string& to, unsigned field, std::uint64_t value) {
  head(to, field, kVarint);
  varint(to, value);
}

template <class Word>
void fixed(std::string& to, unsigned field, Word value) {
  head(to, field, sizeof value == 8 ? kFixed64 : kFixed32);
  for (std::size_t i = 0; i < sizeof value; ++i, value = static_cast<Word>(value >> 8)) to += static_cast<char>(value);
}

void text(std::string& to, unsigned field, std::string_view value) {
  head(to, field, kSized);
  varint(to, value.size());
  to += value;
}

void big_endian(std::string& to, std::uint64_t word) {
  for (int shift = 56; shift >= 0; shift -= 8) to += static_cast<char>(word >> shift);
}

void span_id(std::string& to, unsigned field, std::uint64_t id) {
  head(to, field, kSized);
  varint(to, 8);
  big_endian(to, id);
}

void ids(std::string& to, std::uint64_t high, std::uint64_t low, std::uint64_t span) {
  head(to, 1, kSized);
  varint(to, 16);
  big_endian(to, high);
  big_endian(to, low);
  span_id(to, 2, span);
}

// What put() puts, with its size in front.
template <class Put>
void message(std::string& to, unsigned field, Put&& put) {
  head(to, field, kSized);
  const std::size_t start = to.size();
  put();
  char bytes[kMostVarint];
  const std::size_t size = put_varint(bytes, to.size() - start);
  to.insert(start, bytes, size);
}

void put_value(std::string& to, const Value& value) {
  switch (value.type()) {
    case Value::Type::boolean:
      return number(to, 2, value.as_bool() ? 1 : 0);
    case Value::Type::integer:
      return number(to, 3, value.as_unsigned());
    case Value::Type::floating:
      return fixed(to, 4, std::bit_cast<std::uint64_t>(value.as_double()));
    case Value::Type::binary:
      return text(to, 7, value.as_text());
    default:
      return text(to, 1, value.as_text());
  }
}

void attribute(std::string& to, unsigned field, std::string_view key, const Value& value) {
  message(to, field, [&] {
    text(to, 1, key);
    message(to, 2, [&] { put_value(to, value); });
  });
}

void put_event(std::string& to, const SpanData& span, const LogData& log) {
  fixed(to, 1, static_cast<std::uint64_t>(log.time));
  const Field* const name = event_name(span, log);
  if (name) text(to, 2, name->value.as_text());
  for (std::size_t i = 0; i < log.count; ++i) {
    const Field& field = span.log_fields[log.first + i];
    if (&field != name) attribute(to, 3, field.key.view(), field.value);
  }
}

void put_link(std::string& to, const ReferenceData& reference) {
  ids(to, reference.trace_high, reference.trace_low, reference.span_id);
  attribute(to, 4, "opentracing.ref_type", "follows_from");
}

void put_body(std::string& to, const SpanData& span) {
  const OtlpSpan otlp(span);
  ids(to, span.trace_high, span.trace_low, span.span_id);
  if (span.parent_id != 0) span_id(to, 4, span.parent_id);
  text(to, 5, span.name);
  if (otlp.kind != 0) number(to, 6, otlp.kind);
  fixed(to, 7, static_cast<std::uint64_t>(span.start));
  fixed(to, 8, static_cast<std::uint64_t>(span.end));
  for (const Field& tag : span.tags) {
    if (!otlp.is_told(tag)) attribute(to, 9, tag.key.view(), tag.value);
  }
  for (const LogData& log : span.logs) message(to, 11, [&] { put_event(to, span, log); });
  for (const ReferenceData& reference : span.references) {
    if (!reference.is_child_of) message(to, 13, [&] { put_link(to, reference); });
  }
  if (otlp.status != 0) {
    message(to, 15, [&] {
      if (!otlp.message.empty()) text(to, 2, otlp.message);
      number(to, 3, otlp.status);
    });
  }
  fixed(to, 16, std::uint32_t{1});
}

// What end() puts in front of everything, and in front of the spans.
struct Heads {
  char all[1 + kMostVarint], spans[1 + kMostVarint];
  std::size_t all_size, spans_size;

  Heads(std::size_t resource, std::size_t bytes) noexcept {
    spans[0] = 2 << 3 | kSized;
    spans_size = 1 + put_varint(spans + 1, bytes);
    all[0] = 1 << 3 | kSized;
    all_size = 1 + put_varint(all + 1, resource + spans_size + bytes);
  }
};

}  // namespace

OtlpProtobufEncoder::OtlpProtobufEncoder(std::string_view service_name, const std::vector<ProcessTag>& tags, std::size_t max_batch_bytes)
    : SpanwiseEncoder(max_batch_bytes) {
  std::string resource;
  message(resource, 1, [&] {
    for (const ProcessTag& tag : resource_attributes(service_name, tags)) attribute(resource, 1, tag.key, Value(std::string_view(tag.value)));
  });
  set_head(std::move(resource));
}

void OtlpProtobufEncoder::put_span(std::string& to, const SpanData& span, bool) const {
  message(to, 2, [&] { put_body(to, span); });
}

std::size_t OtlpProtobufEncoder::end_size(std::uint32_t) const noexcept { return 2 * (1 + kMostVarint); }

void OtlpProtobufEncoder::put_end(Batch& batch) const noexcept {
  const std::size_t resource = head().size(), bytes = batch.body.size() - resource;
  const Heads heads(resource, bytes);
  char* const begin = batch.body.data();
  char* const spans = begin + heads.all_size + resource + heads.spans_size;
  std::memmove(spans, begin + resource, bytes);
  std::memmove(begin + heads.all_size, begin, resource);
  std::memcpy(begin, heads.all, heads.all_size);
  std::memcpy(spans - heads.spans_size, heads.spans, heads.spans_size);
  batch.body.end_at(spans + bytes);
}

void OtlpProtobufEncoder::reopen(Batch& batch) const noexcept {
  const std::size_t resource = head().size(), bytes = batch.open_size - resource;
  const Heads heads(resource, bytes);
  char* const begin = batch.body.data();
  std::memmove(begin, begin + heads.all_size, resource);
  std::memmove(begin + resource, begin + heads.all_size + resource + heads.spans_size, bytes);
  SpanwiseEncoder::reopen(batch);
}

}  // namespace jtrace::inline v1::detail
