// A batch in two halves: both are whole batches, as Apache Thrift reads and writes them, and together they hold what the one
// held, in its order.
#include "encode/halves.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "encode/both_ways.h"

namespace {

using fixture::decode_exactly;
using fixture::BothWays;
using fixture::RecordBuilder;
using jtrace::detail::Batch;
using jtrace::detail::halve;

// Spans of every build: bare ones, with tags of each type, logs and links; with bytes that look like the end of a struct.
void append(BothWays& encoder, int number) {
  RecordBuilder span("span" + std::to_string(number));
  if (number % 2 == 1) span.text("text", std::string(static_cast<std::size_t>(number) * 7, '\0')).integer("n", number);
  if (number % 3 == 1) span.boolean("yes", true).floating("pi", 3.14).binary("bytes", std::string("\x0c\0\x0f\0", 4));
  if (number % 5 == 1) span.log_at_wall(1000).text("event", "e").integer("i", 1).log_at_wall(2000);
  REQUIRE(encoder.append(span) == BothWays::Result::appended);
}

}  // namespace

TEST_CASE("the halves hold the spans of the whole, in order, each with the process") {
  for (const int count : {2, 3, 7, 50, 301}) {
    CAPTURE(count);
    BothWays encoder("svc", {{"hostname", "here"}, {"empty", ""}});
    for (int i = 0; i < count; ++i) append(encoder, i);
    const auto whole = decode_exactly(encoder.end());
    encoder.batch.number = 17;
    encoder.batch.built = 5;

    Batch rest;
    REQUIRE(halve(encoder.batch, rest));
    const auto first = decode_exactly(encoder.batch.body.view()), second = decode_exactly(rest.body.view());
    CHECK(first.process == whole.process);
    CHECK(second.process == whole.process);
    std::vector<jaeger::thrift::Span> together = first.spans;
    together.insert(together.end(), second.spans.begin(), second.spans.end());
    CHECK(together == whole.spans);
    CHECK(first.spans.size() - second.spans.size() <= 1);
    CHECK(encoder.batch.spans == first.spans.size());
    CHECK(rest.spans == second.spans.size());
    CHECK(encoder.batch.is_half);
    CHECK(rest.is_half);
    CHECK(rest.number == 17);
    CHECK(rest.built == 5);
  }
}

TEST_CASE("a single span has no halves, and stays as it is") {
  BothWays encoder;
  append(encoder, 1);
  const std::string before(encoder.end());
  Batch rest;
  CHECK_FALSE(halve(encoder.batch, rest));
  CHECK(encoder.batch.body.view() == before);
  CHECK_FALSE(encoder.batch.is_half);
}
