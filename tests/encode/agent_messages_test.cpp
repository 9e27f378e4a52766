// Datagrams for an agent: the golden one, and that no datagram is larger than it may be, by a single byte.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "encode/append_record.h"
#include "encode/both_ways.h"
#include "encode/thrift_compact.h"

namespace {

using fixture::RecordBuilder;
using fixture::Wire;
using namespace jtrace::detail;

const Sampler kSampler = Sampler::constant(true);

std::unique_ptr<Encoder> make_encoder(Wire wire, std::size_t most) {
  const std::vector<ProcessTag> tags = {{"hostname", "h"}};
  if (wire == Wire::compact) return std::make_unique<ThriftCompactEncoder>("svc", tags, most);
  return std::make_unique<ThriftBinaryEncoder>("svc", tags, kSampler, most, best_way(), ThriftBinaryEncoder::Form::message);
}

Encoder::Result append(Encoder& encoder, Batch& batch, RecordBuilder& span, TickMap& map) {
  return fixture::append_record(encoder, batch, span, kSampler, map);
}

RecordBuilder golden_span() {
  RecordBuilder span("op");
  span.trace(0, 0x0102030405060708).span(0xffffffffffffffff).wall(1'600'000'000'000'000'000, 1'600'000'000'001'000'000);
  span.text("s", "v").boolean("b", true).integer("l", -2).floating("d", 0.5);
  span.log_at_wall(1'600'000'000'000'500'000).text("event", "e");
  return span;
}

}  // namespace

TEST_CASE("the golden span is encoded to exactly the bytes of a datagram that agents take") {
  TickMap map = fixture::tick_map();
  RecordBuilder span = golden_span();
  Batch batch;
  const auto compact = make_encoder(Wire::compact, 65000);
  REQUIRE(compact->begin(batch));
  REQUIRE(append(*compact, batch, span, map) == Encoder::Result::appended);
  compact->end(batch);
  const std::string golden = fixture::golden("one_span_agent.hex");
  CHECK(golden.size() == 146);
  INFO("ours:\n", fixture::hex(batch.body.view()));
  CHECK((batch.body.view() == golden));

  const auto binary = make_encoder(Wire::binary, 65000);
  REQUIRE(binary->begin(batch));
  REQUIRE(append(*binary, batch, span, map) == Encoder::Result::appended);
  binary->end(batch);
  CHECK(batch.body.size() == 332);
  CHECK((batch.body.view().substr(24, 307) == fixture::golden("one_span_http.hex")));
}

TEST_CASE("a datagram is filled to the last byte that it may have, and not beyond") {
  for (const Wire wire : {Wire::compact, Wire::binary}) {
    TickMap map = fixture::tick_map();
    std::size_t full = 0, exact = 0;
    for (std::size_t most = 1500; most < 1800; ++most) {
      const auto encoder = make_encoder(wire, most);
      Batch batch;
      REQUIRE(encoder->begin(batch));
      for (int i = 0;; ++i) {
        RecordBuilder span("op");
        span.text("t", std::string(static_cast<std::size_t>(i), 'x'));
        const Encoder::Result result = append(*encoder, batch, span, map);
        if (result == Encoder::Result::full) break;
        REQUIRE(result == Encoder::Result::appended);
      }
      encoder->end(batch);
      REQUIRE(batch.body.size() <= most);
      CHECK(fixture::decode_message(batch.body.view(), wire).spans.size() == batch.spans);
      ++full;
      if (batch.body.size() == most) ++exact;
    }
    CHECK(full == 300);
    CHECK(exact > 0);
  }
}

TEST_CASE("a span alone larger than a datagram is too large, and the one behind it is not") {
  for (const Wire wire : {Wire::compact, Wire::binary}) {
    TickMap map = fixture::tick_map();
    const auto encoder = make_encoder(wire, 1024);
    Batch batch;
    REQUIRE(encoder->begin(batch));
    RecordBuilder large("large"), small("small");
    large.text("text", std::string(1024, 'x'));
    CHECK(append(*encoder, batch, large, map) == Encoder::Result::too_large);
    CHECK(append(*encoder, batch, small, map) == Encoder::Result::appended);
    encoder->end(batch);
    const auto arrived = fixture::decode_message(batch.body.view(), wire);
    REQUIRE(arrived.spans.size() == 1);
    CHECK(arrived.spans[0].operationName == "small");
  }
}
