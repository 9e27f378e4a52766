// examples/traced_functions, threads and coroutines: what they send is the tree that their code shows.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "tree.h"

TEST_CASE("traced_functions sends the spans that the decorators would make, and none for what is ignored or not listed") {
  const examples::Run run = examples::run({EXAMPLE_TRACED_FUNCTIONS});
  INFO(run.outcome.describe());
  CHECK(run.outcome.succeeded());
  CHECK(examples::tree_of(run.spans) == "A::foo\nB::foo\nB::baz\nfoo\n  span_in_foo\n  another_span_in_foo\nbar\n");
  for (const char* name : {"B::baz", "another_span_in_foo"}) {
    const support::SentSpan span = support::find_span(run.spans, name);
    REQUIRE(span.logs.size() == 1);
    CHECK(span.logs[0].field("message")->text == "bomb");
  }
  CHECK(support::find_span(run.spans, "bar").tag("handed")->boolean);
}

TEST_CASE("threads sends one trace from all of its threads") {
  const examples::Run run = examples::run({EXAMPLE_THREADS});
  INFO(run.outcome.describe());
  CHECK(run.outcome.succeeded());
  CHECK(run.outcome.out == "4 pictures\n");
  const std::string tree = examples::tree_of(run.spans);
  INFO(tree);
  CHECK(tree.starts_with("request\n  count_pictures\n    query\n"));
  CHECK(run.spans.size() == 9);
  const auto request = support::find_span(run.spans, "request").span_id;
  CHECK(std::count_if(run.spans.begin(), run.spans.end(), [&](const support::SentSpan& span) {
          return span.name == "resize" && span.parent_span_id == request && span.tag("picture");
        }) == 4);
  CHECK(support::find_span(run.spans, "mail").parent_span_id == request);
  CHECK(support::find_span(run.spans, "connect").parent_span_id == support::find_span(run.spans, "mail").span_id);
}

TEST_CASE("coroutines sends a trace for each order, however their steps were mixed on the threads") {
  const examples::Run run = examples::run({EXAMPLE_COROUTINES});
  INFO(run.outcome.describe());
  CHECK(run.outcome.succeeded());
  CHECK(run.outcome.out == "sold for 100\n");
  CHECK(run.spans.size() == 3 + 6 + 6 + 3);
  for (const support::SentSpan& order : run.spans) {
    if (order.name != "order") continue;
    std::string wanted = "order\n";
    for (std::int64_t item = 0; item < order.tag("number")->integer; ++item) wanted += "  price_of\n    lookup\n";
    wanted += "  charge\n";
    std::vector<support::SentSpan> trace;
    std::copy_if(run.spans.begin(), run.spans.end(), std::back_inserter(trace),
                 [&](const support::SentSpan& span) { return span.trace_id_low == order.trace_id_low; });
    CHECK(examples::tree_of(trace) == wanted);
  }
}
