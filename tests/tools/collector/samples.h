// Traces to test with: as the collector's own values, and as the bytes that a client would send.
//
// `SpanSample` says what a span is; `to_span` makes the value that the collector keeps, `batch_bytes` lets Apache
// Thrift's generated writer make the body of a POST. What a sample does not say has a quiet default.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model.h"

namespace samples {

using jtrace::collector::Log;
using jtrace::collector::Process;
using jtrace::collector::Reference;
using jtrace::collector::SpanPtr;
using jtrace::collector::Tag;
using jtrace::collector::Trace;
using jtrace::collector::TraceId;

// 2020-09-13 12:26:40 UTC, in microseconds.
inline constexpr std::int64_t kStart = 1600000000000000;

struct SpanSample {
  TraceId trace_id{0, 0xabc};
  std::uint64_t id = 1;
  std::uint64_t parent = 0;
  std::string name = "op";
  std::int64_t after = 0;  // microseconds behind kStart
  std::int64_t duration = 1000;
  std::vector<Tag> tags = {};
  std::vector<Log> logs = {};
  std::vector<Reference> references = {};
  std::int32_t flags = 1;
};

SpanPtr to_span(const SpanSample& sample, const std::string& service = "svc");
Trace to_trace(const std::vector<SpanSample>& samples, const std::string& service = "svc");

std::string batch_bytes(const std::vector<SpanSample>& samples, const std::string& service = "svc",
                        const std::vector<Tag>& process_tags = {});

// The vector of 307 bytes that the protocol's description prints, made with Thrift's Python library.
std::string golden_batch();

// The same span as a datagram for an agent: the description's vector of 146 bytes, and its form in the binary protocol.
std::string golden_datagram();
std::string golden_binary_datagram();

// Bytes written as hex, blanks ignored.
std::string from_hex(const std::string& hex);

}  // namespace samples
