// Records through the library's encoder, in a few words.
#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "encode/thrift_batch.h"
#include "encode/thrift_binary.h"
#include "record/record_builder.h"

namespace fixture {

// Ticks are half nanoseconds from here on.
inline constexpr std::int64_t kTickZero = 1'600'000'000'000'000'000;

inline jtrace::detail::TickMap tick_map() {
  jtrace::detail::TickMap map;
  map.begin({0, kTickZero});
  map.extend({4'000'000'000, kTickZero + 2'000'000'000});
  return map;
}

struct Encoder {
  using Result = jtrace::detail::ThriftBinaryEncoder::Result;

  explicit Encoder(std::string_view service = "svc", const std::vector<jtrace::detail::ProcessTag>& tags = {},
                   jtrace::detail::Sampler sampler = jtrace::detail::Sampler::constant(true),
                   std::size_t max_batch_bytes = 4 << 20)
      : encoder(service, tags, sampler, max_batch_bytes) {
    begin();
  }

  void begin() { REQUIRE(encoder.begin(batch)); }
  Result append(RecordBuilder& record) {
    const char* const at = record.build();
    jtrace::detail::Run run{at, at + record.size()};
    const Result result = encoder.append(batch, run, map);
    CHECK(run.is_read() == (result == Result::appended));
    return result;
  }
  std::string_view end() {
    encoder.end(batch);
    return batch.body.view();
  }

  jtrace::detail::TickMap map = tick_map();
  jtrace::detail::ThriftBinaryEncoder encoder;
  jtrace::detail::Batch batch;
};

// The one span of a batch of its own, as Thrift reads it.
inline jaeger::thrift::Span sent(RecordBuilder& record,
                                 jtrace::detail::Sampler sampler = jtrace::detail::Sampler::constant(true)) {
  Encoder encoder("svc", {}, sampler);
  REQUIRE(encoder.append(record) == Encoder::Result::appended);
  const jaeger::thrift::Batch batch = decode_exactly(encoder.end());
  REQUIRE(batch.spans.size() == 1);
  return batch.spans[0];
}

inline std::string sent_tags(RecordBuilder& record,
                             jtrace::detail::Sampler sampler = jtrace::detail::Sampler::constant(true)) {
  return show(sent(record, sampler).tags);
}

}  // namespace fixture
