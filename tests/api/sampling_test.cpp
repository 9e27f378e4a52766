// Sampling as users see it: who is asked, about what, what its answer does to spans, stats and what is sent.
#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/sampler.h"
#include "support/batch.h"
#include "support/environment.h"
#include "support/http_server.h"
#include "support/log_capture.h"

namespace {

using jtrace::SamplingDecision;
using support::find_span;
using support::HttpServer;
using support::SentSpan;
using support::SentTag;
using namespace std::chrono_literals;

constexpr auto kSoon = 30s;

// Keeps what it is told to, and writes down what it was asked.
struct Own : jtrace::Sampler {
  std::vector<std::string> asked;  // by one thread
  SamplingDecision answer{.sampled = true, .type = "own", .param = 7};

  SamplingDecision decide(jtrace::TraceId id, std::string_view operation) override {
    CHECK(id.is_valid());
    asked.emplace_back(operation);
    return answer;
  }
};

struct Throwing : jtrace::Sampler {
  SamplingDecision decide(jtrace::TraceId, std::string_view) override { throw std::runtime_error("not today"); }
};

struct Tracing : jtrace::Sampler {
  jtrace::Tracer tracer;
  SamplingDecision decide(jtrace::TraceId, std::string_view) override {
    tracer.start_span("from within").finish();
    return {.sampled = true};
  }
};

jtrace::Tracer tracer_to(const HttpServer& server, jtrace::SamplerConfig sampler) {
  auto made = jtrace::make_tracer({.endpoint = server.endpoint(), .sampler = std::move(sampler)});
  REQUIRE_MESSAGE(made, made.error().message());
  return *made;
}

std::vector<SentSpan> sent_by(const jtrace::Tracer& tracer, const HttpServer& server) {
  CHECK(tracer.close(kSoon));
  CHECK(tracer.stats().is_balanced());
  return support::spans_of(server);
}

std::string sampler_tags(const SentSpan& span) {
  const SentTag* param = span.tag("sampler.param");
  if (!param) return std::string(span.text("sampler.type")) + " none";
  if (param->type == SentTag::Type::boolean) return std::string(span.text("sampler.type")) + (param->boolean ? " true" : " false");
  if (param->type == SentTag::Type::integer) return std::string(span.text("sampler.type")) + " " + std::to_string(param->integer);
  return std::string(span.text("sampler.type")) + " " + std::to_string(param->floating);
}

}  // namespace

TEST_CASE("a limit keeps its traces whole, leaves others out whole, and their roots say so") {
  const HttpServer server;
  const auto tracer = tracer_to(server, {.type = "ratelimiting", .param = 2});
  for (int i = 0; i < 5; ++i) {
    auto root = tracer.start_active_span("root");
    auto child = tracer.start_active_span("child");
  }
  const auto spans = sent_by(tracer, server);
  CHECK(spans.size() >= 4);
  CHECK(spans.size() < 10);  // however slow the machine is, they were not started over three seconds
  CHECK(spans.size() % 2 == 0);
  CHECK(sampler_tags(find_span(spans, "root")) == "ratelimiting 2.000000");
  CHECK(find_span(spans, "root").tag("sampler.param")->type == SentTag::Type::floating);
  CHECK(sampler_tags(find_span(spans, "child")) == " none");
}

TEST_CASE("a limit of less than one trace a second keeps the first one, and a limit of 0 none") {
  const HttpServer server;
  const auto rare = tracer_to(server, {.type = "rate_limiting", .param = 0.001});
  const auto never = tracer_to(server, {.type = "ratelimiting", .param = 0});
  for (int i = 0; i < 100; ++i) {
    rare.start_span("rare").finish();
    never.start_span("never").finish();
  }
  CHECK(rare.stats().started == 1);
  CHECK(rare.stats().not_sampled == 99);
  CHECK(never.stats().not_sampled == 100);
  CHECK(never.close(kSoon));
  CHECK(sent_by(rare, server).size() == 1);
}

TEST_CASE("a sampler of one's own is asked once for each trace, by its first span's name, and its answer is inherited") {
  const HttpServer server;
  Own own;
  const auto tracer = tracer_to(server, {.own = &own});
  {
    auto root = tracer.start_active_span("root");
    auto child = tracer.start_active_span("child");
    tracer.start_span("grandchild", {.tags = {{"a", 1}}}).finish();
  }
  own.answer = {};
  {
    auto root = tracer.start_active_span("not kept");
    tracer.start_span("nor its child").finish();
  }
  const std::string long_name(1000, 'n');
  own.answer = {.sampled = true};
  tracer.start_span(long_name, {.kind = jtrace::Kind::server}).finish();
  CHECK(own.asked == std::vector<std::string>{"root", "not kept", long_name});
  const auto spans = sent_by(tracer, server);
  REQUIRE(spans.size() == 4);
  CHECK(sampler_tags(find_span(spans, "root")) == "own 7");
  CHECK(sampler_tags(find_span(spans, "child")) == " none");
  CHECK(sampler_tags(find_span(spans, "grandchild")) == " none");
  CHECK(sampler_tags(find_span(spans, long_name)) == " none");
  CHECK(tracer.stats().not_sampled == 2);
}

TEST_CASE("with a parent elsewhere nobody is asked, and there are no tags of the sampler") {
  const HttpServer server;
  Own own;
  own.answer = {};
  const auto tracer = tracer_to(server, {.own = &own});
  const jtrace::SpanContext kept({0, 5}, {6}, true), left({0, 7}, {8}, false);
  tracer.start_span("kept", {.child_of = kept}).finish();
  tracer.start_span("left", {.child_of = left}).finish();
  {
    const auto scope = jtrace::activate(kept);
    tracer.start_span("kept too").finish();
  }
  CHECK(own.asked.empty());
  const auto spans = sent_by(tracer, server);
  REQUIRE(spans.size() == 2);
  CHECK(sampler_tags(find_span(spans, "kept")) == " none");
  CHECK(sampler_tags(find_span(spans, "kept too")) == " none");
}

TEST_CASE("a user's tag beats the sampler's") {
  const HttpServer server;
  Own own;
  const auto tracer = tracer_to(server, {.own = &own});
  tracer.start_span("root").set_tag("sampler.type", "mine").finish();
  const auto spans = sent_by(tracer, server);
  CHECK(sampler_tags(find_span(spans, "root")) == "mine 7");
}

TEST_CASE("code beats the environment with a sampler of one's own") {
  const HttpServer server;
  const support::Environment type("JAEGER_SAMPLER_TYPE", "const");
  const support::Environment param("JAEGER_SAMPLER_PARAM", "0");
  Own own;
  const auto tracer = tracer_to(server, {.own = &own});
  tracer.start_span("kept").finish();
  CHECK(sent_by(tracer, server).size() == 1);
}

TEST_CASE("a sampler that throws keeps nothing, is counted, and harms nobody") {
  const HttpServer server;
  Throwing throwing;
  const auto tracer = tracer_to(server, {.own = &throwing});
  for (int i = 0; i < 3; ++i) {
    auto root = tracer.start_active_span("root");
    CHECK_FALSE(root->is_recording());
    CHECK(root.span().context().is_valid());
  }
  tracer.start_span("child", {.child_of = jtrace::SpanContext({0, 5}, {6}, true)}).finish();
  CHECK(tracer.stats().sampler_errors == 3);
  CHECK(tracer.stats().not_sampled == 3);
  CHECK(sent_by(tracer, server).size() == 1);
}

TEST_CASE("a span that a sampler starts is dropped and counted, and does not ask again") {
  const HttpServer server;
  Tracing tracing;
  tracing.tracer = tracer_to(server, {.own = &tracing});
  tracing.tracer.start_span("root").finish();
  CHECK(sent_by(tracing.tracer, server).size() == 1);
  CHECK(tracing.tracer.stats().drops.reentrant == 1);
}

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string baggage_of(const jtrace::SpanContext& context) {
  std::string text;
  context.visit_baggage([&](std::string_view key, std::string_view value) { text.append(key).append("=").append(value).append(";"); });
  return text;
}

}  // namespace

TEST_CASE("jaeger-debug-id without a trace begins one that is kept, whatever the sampler says, with the id as a tag of its root") {
  const HttpServer server;
  Own own;
  own.answer = {};
  const auto tracer = tracer_to(server, {.own = &own});
  const Headers headers = {{"Jaeger-Debug-Id", " look%20here "}};
  const jtrace::SpanContext caller = tracer.extract(headers);
  CHECK_FALSE(caller.is_valid());
  {
    auto root = tracer.start_active_span("root", {.child_of = caller});
    CHECK(root.span().context().flags() == 3);
    CHECK_FALSE(root.span().context().has_baggage());
    tracer.start_span("child").finish();
    Headers out;
    tracer.inject(root.span().context(), out);
    CHECK(out.at(0).second.ends_with(":3"));
  }
  {
    const auto scope = jtrace::activate(caller);
    tracer.start_span("active").finish();
  }
  CHECK(own.asked.empty());
  const auto spans = sent_by(tracer, server);
  REQUIRE(spans.size() == 3);
  const SentSpan root = find_span(spans, "root"), child = find_span(spans, "child"), active = find_span(spans, "active");
  CHECK(root.text("jaeger-debug-id") == "look here");
  CHECK(root.flags == 3);
  CHECK(root.parent_span_id == 0);
  CHECK(sampler_tags(root) == " none");
  CHECK(child.flags == 3);
  CHECK(child.trace_id_low == root.trace_id_low);
  CHECK(child.count("jaeger-debug-id") == 0);
  CHECK(active.text("jaeger-debug-id") == "look here");
  CHECK(active.trace_id_low != root.trace_id_low);
}

TEST_CASE("jaeger-debug-id beside a trace is ignored, and an empty one too") {
  const HttpServer server;
  const auto tracer = tracer_to(server, {.type = "const", .param = 0});
  const Headers with_trace = {{"jaeger-debug-id", "x"}, {"uber-trace-id", "1:2:0:0"}}, empty = {{"jaeger-debug-id", ""}};
  const jtrace::SpanContext caller = tracer.extract(with_trace);
  CHECK(caller.is_valid());
  CHECK(caller.flags() == 0);
  CHECK_FALSE(caller.has_baggage());
  CHECK_FALSE(tracer.start_span("in it", {.child_of = caller}).is_sampled());
  CHECK_FALSE(tracer.start_span("of nobody", {.child_of = tracer.extract(empty)}).is_sampled());
  CHECK(sent_by(tracer, server).empty());
}

TEST_CASE("jaeger-baggage is baggage, with a trace or without") {
  const HttpServer server;
  Own own;
  const auto tracer = tracer_to(server, {.own = &own});
  const Headers with_trace = {{"uber-trace-id", "1:2:0:1"}, {"Jaeger-Baggage", "k1=v1, k2 = a%20b,bad,x=y=z,=v,k3="}};
  CHECK(baggage_of(tracer.extract(with_trace)) == "k1=v1;k2=a b;k3=;");
  const Headers alone = {{"jaeger-baggage", "k%31%3Dv1"}};
  const jtrace::SpanContext caller = tracer.extract(alone);
  CHECK_FALSE(caller.is_valid());
  {
    auto root = tracer.start_active_span("root", {.child_of = caller});
    CHECK(baggage_of(root.span().context()) == "k1=v1;");
    const auto child = tracer.start_span("child");
    CHECK(baggage_of(child.context()) == "k1=v1;");
  }
  {
    const auto scope = jtrace::activate(caller);
    const auto active = tracer.start_span("active");
    CHECK(active.context().is_valid());
    CHECK(baggage_of(active.context()) == "k1=v1;");
  }
  CHECK(own.asked == std::vector<std::string>{"root", "active"});  // the sampler decides
  const auto spans = sent_by(tracer, server);
  CHECK(sampler_tags(find_span(spans, "root")) == "own 7");
}

TEST_CASE("baggage that comes with a debug id goes on without it") {
  const HttpServer server;
  const auto tracer = tracer_to(server, {.type = "const", .param = 0});
  const Headers headers = {{"jaeger-baggage", "a=1"}, {"jaeger-debug-id", "x"}, {"uberctx-b", "2"}};
  const auto span = tracer.start_span("root", {.child_of = tracer.extract(headers)});
  CHECK(baggage_of(span.context()) == "a=1;b=2;");
  CHECK(span.context().is_debug());
}

TEST_CASE("sampling.priority of more than 0 keeps a span that was not sampled, and what is below it, from now on") {
  const HttpServer server;
  const auto tracer = tracer_to(server, {.type = "const", .param = 0});
  {
    auto root = tracer.start_active_span("root");
    tracer.start_span("before").finish();
    root->set_tag("lost", 1).set_tag("sampling.priority", 1).set_tag("seen", true);
    CHECK(root->is_recording());
    CHECK(root.span().context().flags() == 3);
    CHECK(root.span().context().span_id().value == root.span().context().trace_id().low);
    tracer.start_span("below").finish();
    CHECK(jtrace::active_span().is_recording());
  }
  CHECK(tracer.stats().started == 2);
  CHECK(tracer.stats().not_sampled == 1);
  const auto spans = sent_by(tracer, server);
  REQUIRE(spans.size() == 2);
  const SentSpan root = find_span(spans, "root"), below = find_span(spans, "below");
  CHECK(root.flags == 3);
  CHECK(root.parent_span_id == 0);
  CHECK(root.duration >= 1);
  CHECK(root.tag("sampling.priority")->integer == 1);
  CHECK(root.tag("seen"));
  CHECK_FALSE(root.tag("lost"));
  CHECK(sampler_tags(root) == " none");
  CHECK(below.flags == 3);
  CHECK(below.parent_span_id == root.span_id);
}

TEST_CASE("sampling.priority reaches every kind of span that was not sampled") {
  const HttpServer server;
  const auto tracer = tracer_to(server, {.type = "const", .param = 0});
  const std::string key = "sampling.priority", long_name(40, 'n');
  {
    // A child that shares its parent's ids until then, and has forgotten its name.
    auto root = tracer.start_active_span("root");
    auto child = tracer.start_span("child");
    child.set_tag(key, true).set_operation_name("child");
    CHECK(child.context().span_id() != root.span().context().span_id());
    tracer.start_span("leaves its memory to the next one").finish();
    auto nameless = tracer.start_span("nameless");
    nameless.set_tag(key, 0.5);
    CHECK_FALSE(root->is_recording());
  }
  const jtrace::SpanContext remote({0, 5}, {6}, false);
  auto with_options = tracer.start_span("with options", {.child_of = remote, .kind = jtrace::Kind::server});
  with_options.set_tag(key, 2u).finish();
  CHECK_FALSE(with_options.context().has_random_trace_id());  // what is known of the id stays known
  tracer.start_span(long_name, {.tags = {{"a", 1}, {"sampling.priority", 1}, {"b", 2}}}).finish();
  {
    auto active = tracer.start_active_span("by reference");
    jtrace::active_span().set_tag(key, 1);
    CHECK(active->is_recording());
  }
  const auto spans = sent_by(tracer, server);
  CHECK(spans.size() == 5);
  CHECK(find_span(spans, "child").parent_span_id == find_span(spans, "child").trace_id_low);
  CHECK(find_span(spans, "sampling.priority").flags == 3);
  CHECK(find_span(spans, "with options").parent_span_id == 6);
  CHECK(find_span(spans, "with options").trace_id_low == 5);
  const SentSpan whole = find_span(spans, long_name);
  CHECK(whole.tag("a"));
  CHECK(whole.tag("b"));
  CHECK(whole.count("sampling.priority") == 1);
  CHECK(find_span(spans, "by reference").flags == 3);
}

TEST_CASE("sampling.priority of more than 0 marks a sampled span for debugging") {
  const HttpServer server;
  const auto tracer = tracer_to(server, {.type = "const", .param = 1});
  {
    auto root = tracer.start_active_span("root");
    root->set_tag("sampling.priority", 1);
    tracer.start_span("below").finish();
  }
  const auto spans = sent_by(tracer, server);
  CHECK(find_span(spans, "root").flags == 3);
  CHECK(sampler_tags(find_span(spans, "root")) == "const true");
  CHECK(find_span(spans, "below").flags == 3);
}

TEST_CASE("sampling.priority of 0 leaves a span out, and what is below it from now on, for good") {
  const HttpServer server;
  const auto tracer = tracer_to(server, {.type = "const", .param = 1});
  {
    auto root = tracer.start_active_span("root");
    tracer.start_span("before").finish();
    root->set_tag("long", std::string(5000, 'x')).set_tag("sampling.priority", 0).set_tag("after", 1);
    CHECK_FALSE(root->is_recording());
    CHECK(root.span().context().flags() == 0);
    tracer.start_span("below").finish();
    root->set_tag("sampling.priority", 1);
    CHECK_FALSE(root->is_recording());
    Headers out;
    jtrace::inject(out);
    CHECK(out.at(0).second.ends_with(":0"));
  }
  tracer.start_span("at its start", {.tags = {{"sampling.priority", 0}, {"a", 1}}}).finish();
  CHECK(tracer.stats().started == 1);
  CHECK(tracer.stats().not_sampled == 3);
  const auto spans = sent_by(tracer, server);
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].name == "before");
}

TEST_CASE("sampling.priority keeps baggage, is harmless where nothing can be kept, and a text is a tag like others") {
  const HttpServer server;
  const auto tracer = tracer_to(server, {.type = "const", .param = 0});
  auto span = tracer.start_span("it");
  span.set_baggage_item("k", "v").set_tag("sampling.priority", 1);
  CHECK(baggage_of(span.context()) == "k=v;");
  span.finish();
  span.set_tag("sampling.priority", 1);
  jtrace::Span inert;
  inert.set_tag("sampling.priority", 1);
  tracer.start_span("text").set_tag("sampling.priority", "1").finish();
  const auto kept = tracer_to(server, {.type = "const", .param = 1});
  kept.start_span("text").set_tag("sampling.priority", "1").finish();
  CHECK(kept.close(kSoon));
  const auto spans = sent_by(tracer, server);
  CHECK(spans.size() == 2);
  CHECK(find_span(spans, "text").flags == 1);
  CHECK(find_span(spans, "text").text("sampling.priority") == "1");
}
