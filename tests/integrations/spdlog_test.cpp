// jtrace/integrations/spdlog.h: lines carry the ids of what is active, and arrive in the active span; jtrace/log_ids.h: the ids for
// any other logger.
#include "jtrace/integrations/spdlog.h"

#include <doctest/doctest.h>
#include <spdlog/async.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/log_ids.h"
#include "jtrace/testing.h"

namespace {

using jtrace::Value;
using jtrace::testing::Recorder;

// A logger that writes into a text by that pattern.
struct Log {
  explicit Log(const std::string& pattern)
      : sink(std::make_shared<spdlog::sinks::ostream_sink_mt>(text)), logger("shop", sink) {
    logger.set_formatter(jtrace::spdlog_formatter(pattern));
  }
  std::ostringstream text;
  std::shared_ptr<spdlog::sinks::sink> sink;
  spdlog::logger logger;
};

spdlog::logger logger_into_spans(std::string name = "shop") {
  return spdlog::logger(std::move(name), std::make_shared<jtrace::SpdlogSink>());
}

std::string ids(const jtrace::SpanContext& context) {
  return context.trace_id().hex().str() + " " + context.span_id().hex().str();
}

}  // namespace

TEST_CASE("%j and %k are the ids of the active span, and a dash where there is none") {
  Recorder recorder;
  Log log("%l %j %k %v");
  log.logger.info("before");
  std::string expected = "info - - before\n";
  {
    auto outer = jtrace::start_active_span("outer");
    log.logger.warn("outside");
    expected += "warning " + ids(outer->context()) + " outside\n";
    auto inner = jtrace::start_active_span("inner");
    log.logger.info("inside");
    expected += "info " + ids(inner->context()) + " inside\n";
  }
  log.logger.info("after");
  CHECK(log.text.str() == expected + "info - - after\n");
}

TEST_CASE("a context that was activated gives its ids, too, and one that is not sampled") {
  Recorder recorder;
  recorder.sample(false);
  Log log("%j %k");
  const auto span = jtrace::start_span("left out");
  const auto scope = jtrace::activate(span.context());
  log.logger.info("");
  CHECK(log.text.str() == ids(span.context()) + "\n");
}

TEST_CASE("the ids keep the width and the side that the pattern asks for") {
  Log log("[%4j][%-4k][%=5j]");
  log.logger.info("");
  CHECK(log.text.str() == "[   -][-   ][  -  ]\n");
}

TEST_CASE("a copy of the formatter goes to each of a logger's sinks") {
  Recorder recorder;
  std::ostringstream one, two;
  using Sink = spdlog::sinks::ostream_sink_st;
  spdlog::logger logger("shop", {std::make_shared<Sink>(one), std::make_shared<Sink>(two)});
  logger.set_formatter(jtrace::spdlog_formatter("%k"));
  const auto span = jtrace::start_active_span("it");
  logger.info("");
  CHECK(one.str() == span.span().context().span_id().hex().str() + "\n");
  CHECK(two.str() == one.str());
}

TEST_CASE("lines arrive as logs of the active span, with level, message, logger, source and their own time") {
  Recorder recorder;
  auto logger = logger_into_spans();
  const auto before = std::chrono::system_clock::now();
  {
    const auto span = jtrace::start_active_span("sell");
    logger.info("sold {} of {}", 3, "apples");
    logger.log(spdlog::source_loc{"shop.cpp", 17, "sell"}, spdlog::level::err, "none left");
  }
  const auto& logs = recorder.span("sell").logs;
  REQUIRE(logs.size() == 2);
  CHECK(*logs[0].field("level") == Value("info"));
  CHECK(*logs[0].field("message") == Value("sold 3 of apples"));
  CHECK(*logs[0].field("logger") == Value("shop"));
  CHECK_FALSE(logs[0].field("source"));
  CHECK(logs[0].time >= before);
  CHECK(logs[0].time <= std::chrono::system_clock::now());
  CHECK(*logs[1].field("level") == Value("error"));
  CHECK(*logs[1].field("source") == Value("shop.cpp:17"));
}

TEST_CASE("a line of a logger without a name has a source all the same, once") {
  Recorder recorder;
  auto logger = logger_into_spans("");
  {
    const auto span = jtrace::start_active_span("sell");
    logger.log(spdlog::source_loc{"shop.cpp", 17, "sell"}, spdlog::level::info, "sold");
    logger.info("sold");
  }
  const auto& logs = recorder.span("sell").logs;
  REQUIRE(logs.size() == 2);
  CHECK(logs[0].fields.size() == 3);
  CHECK(*logs[0].field("source") == Value("shop.cpp:17"));
  CHECK(logs[1].fields.size() == 2);
}

TEST_CASE("lines outside of a span, of a span that is not recording, or below the sink's level go nowhere") {
  Recorder recorder;
  auto logger = logger_into_spans();
  logger.info("outside");
  logger.sinks().front()->set_level(spdlog::level::warn);
  {
    const auto span = jtrace::start_active_span("sell");
    logger.info("too low");
    logger.warn("high enough");
  }
  recorder.sample(false);
  {
    const auto span = jtrace::start_active_span("left out");
    logger.warn("to nobody");
  }
  REQUIRE(recorder.spans().size() == 1);
  REQUIRE(recorder.span("sell").logs.size() == 1);
  CHECK(*recorder.span("sell").logs[0].field("message") == Value("high enough"));
}

TEST_CASE("a line goes into the span of the thread that logs") {
  Recorder recorder;
  auto logger = logger_into_spans();
  {
    const auto span = jtrace::start_active_span("here");
    std::thread([&] {
      logger.info("nowhere");
      const auto other = jtrace::start_active_span("there");
      logger.info("there");
    }).join();
  }
  CHECK(recorder.span("here").logs.empty());
  REQUIRE(recorder.span("there").logs.size() == 1);
}

TEST_CASE("an async logger, which writes on a thread of its own, says nothing rather than something wrong") {
  Recorder recorder;
  std::ostringstream text;
  {
    // Its thread has a span of its own.
    std::unique_ptr<jtrace::ActiveSpan> of_the_pool;
    const auto begin = [&] { of_the_pool = std::make_unique<jtrace::ActiveSpan>(jtrace::start_active_span("pool")); };
    const auto pool = std::make_shared<spdlog::details::thread_pool>(16, 1, begin, [&] { of_the_pool.reset(); });
    const auto out = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
    const std::vector<spdlog::sink_ptr> sinks{out, std::make_shared<jtrace::SpdlogSink>()};
    const auto logger = std::make_shared<spdlog::async_logger>("shop", sinks.begin(), sinks.end(), pool);
    logger->set_formatter(jtrace::spdlog_formatter("%j %k %v"));
    const auto span = jtrace::start_active_span("sell");
    logger->info("sold");
  }
  CHECK(text.str() == "- - sold\n");
  CHECK(recorder.span("sell").logs.empty());
  CHECK(recorder.span("pool").logs.empty());
}

TEST_CASE("jtrace's own lines may go to a logger that writes into spans: they are in none, and none follows from another") {
  Recorder recorder;
  static int lines;
  lines = 0;
  static spdlog::logger* to;
  auto logger = logger_into_spans();
  to = &logger;
  jtrace::set_log_sink([](void*, jtrace::LogLevel, std::string_view line) noexcept {
    ++lines;
    to->warn(spdlog::string_view_t(line.data(), line.size()));
  });
  {
    const auto span = jtrace::start_active_span("it");
    // In the midst of a span, on its thread.
    jtrace::detail::log_line(jtrace::LogLevel::error, "trouble");
  }
  jtrace::set_log_sink(nullptr);
  CHECK(lines == 1);
  CHECK(recorder.span("it").logs.empty());
}

TEST_CASE("the ids of what is active are text for any other logger") {
  Recorder recorder;
  CHECK(std::string(jtrace::log_ids().c_str()).empty());
  const auto span = jtrace::start_active_span("it");
  const jtrace::LogIds ids = jtrace::log_ids();
  const jtrace::SpanContext context = span.span().context();
  CHECK(ids.view() == "trace_id=" + context.trace_id().hex().str() + " span_id=" + context.span_id().hex().str());
  CHECK(ids.view() == ids.c_str());
}
