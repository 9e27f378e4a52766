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

// Goes both ways, the generic one and the best of this CPU, and checks that they agree on every result and every byte.
struct BothWays {
  using Result = jtrace::detail::ThriftBinaryEncoder::Result;

  explicit BothWays(std::string_view service = "svc", const std::vector<jtrace::detail::ProcessTag>& tags = {},
                   jtrace::detail::Sampler sampler = jtrace::detail::Sampler::constant(true),
                   std::size_t max_batch_bytes = 4 << 20)
      : encoder(service, tags, sampler, max_batch_bytes, jtrace::detail::Way::generic),
        best_encoder(service, tags, sampler, max_batch_bytes) {
    begin();
  }

  void begin() {
    REQUIRE(encoder.begin(batch));
    REQUIRE(best_encoder.begin(best_batch));
  }
  Result append(RecordBuilder& record) {
    const char* const at = record.build();
    return append({at, at + record.size()});
  }
  Result append(jtrace::detail::Run records) {
    jtrace::detail::Run run = records, best_run = records;
    const Result result = encoder.append(batch, run, map);
    CHECK(run.is_read() == (result == Result::appended));
    CHECK(best_encoder.append(best_batch, best_run, map) == result);
    CHECK(best_run.at == run.at);
    CHECK(best_batch.spans == batch.spans);
    return result;
  }
  std::string_view end() {
    encoder.end(batch);
    best_encoder.end(best_batch);
    CHECK((best_batch.body.view() == batch.body.view()));
    return batch.body.view();
  }

  jtrace::detail::TickMap map = tick_map();
  jtrace::detail::ThriftBinaryEncoder encoder, best_encoder;
  jtrace::detail::Batch batch, best_batch;
};

// The one span of a batch of its own, as Thrift reads it.
inline jaeger::thrift::Span sent(RecordBuilder& record,
                                 jtrace::detail::Sampler sampler = jtrace::detail::Sampler::constant(true)) {
  BothWays encoder("svc", {}, sampler);
  REQUIRE(encoder.append(record) == BothWays::Result::appended);
  const jaeger::thrift::Batch batch = decode_exactly(encoder.end());
  REQUIRE(batch.spans.size() == 1);
  return batch.spans[0];
}

inline std::string sent_tags(RecordBuilder& record,
                             jtrace::detail::Sampler sampler = jtrace::detail::Sampler::constant(true)) {
  return show(sent(record, sampler).tags);
}

}  // namespace fixture
