// Jaeger's batch as it stands in the body of a POST, decoded by a small reader of Thrift's binary protocol.
//
// The reader follows jaeger.thrift field by field, knows nothing of the library's encoder, and throws where
// the bytes do not form exactly one complete Batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_server.h"

namespace support {

struct SentTag {
  enum class Type { text = 0, floating = 1, boolean = 2, integer = 3, binary = 4 };
  std::string key;
  Type type = Type::text;
  std::string text;  // of text and binary
  double floating = 0;
  bool boolean = false;
  std::int64_t integer = 0;
};

struct SentLog {
  std::int64_t timestamp = 0;  // microseconds
  std::vector<SentTag> fields;

  const SentTag* field(std::string_view key) const;
};

struct SentReference {
  bool is_child_of = false;
  std::uint64_t trace_id_low = 0, trace_id_high = 0, span_id = 0;
};

struct SentSpan {
  std::uint64_t trace_id_low = 0, trace_id_high = 0, span_id = 0, parent_span_id = 0;
  std::string name;
  std::vector<SentReference> references;
  std::int32_t flags = 0;
  std::int64_t start = 0, duration = 0;  // microseconds
  std::vector<SentTag> tags;
  std::vector<SentLog> logs;

  const SentTag* tag(std::string_view key) const;  // the first of that key, null if there is none
  std::size_t count(std::string_view key) const;
  std::string text(std::string_view key) const;  // of a text tag; empty if there is none
};

struct SentBatch {
  std::string service;
  std::vector<SentTag> process_tags;
  std::vector<SentSpan> spans;

  const SentTag* process_tag(std::string_view key) const;
};

// Throws std::runtime_error, saying what is wrong and where.
SentBatch decode_batch(std::string_view body);

// The spans of all requests, in the order of their arrival.
std::vector<SentSpan> spans_of(const std::vector<Request>& requests);
std::vector<SentSpan> spans_of(const HttpServer& server);
// True as soon as so many spans have arrived.
bool wait_for_spans(const HttpServer& server, std::size_t count);
// The first span of that name; throws std::runtime_error if there is none.
SentSpan find_span(const std::vector<SentSpan>& spans, std::string_view name);

}  // namespace support
