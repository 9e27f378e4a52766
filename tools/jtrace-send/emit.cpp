#include "emit.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace jtrace_send {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPage = "https://www.imooc.com/";

}  // namespace

void set_destination(jtrace::Config& config, const Options& options) {
  if (!options.endpoint.empty()) config.endpoint = options.endpoint;
  if (options.agent) config.local_agent.reporting_host = options.agent->host;
  if (options.agent && options.agent->port) config.local_agent.reporting_port = *options.agent->port;
  if (options.protocol) config.protocol = *options.protocol;
}

jtrace::Expected<jtrace::Tracer> make_tracer(const Options& options) {
  jtrace::Config config{
      .sampler = {.type = "const", .param = 1},
      .disabled = false,
      .connect_timeout = options.connect_timeout.value_or(options.timeout),
      .request_timeout = options.request_timeout.value_or(options.timeout),
      .max_retry_time = 0s,  // whoever waits for the outcome wants to hear of the first attempt
      .max_queue_bytes = kQueueBytes,
  };
  set_destination(config, options);
  configure(config, options.reach);
  if (options.service) config.service_name = *options.service;
  return jtrace::init(config);
}

Emitter::Emitter(const Options& options, jtrace::Tracer tracer) : options_(options), tracer_(tracer) {}

jtrace::TraceId Emitter::emit(std::uint64_t trace) const {
  return options_.tree ? emit_tree(trace, *options_.tree) : emit_spider(trace);
}

jtrace::TraceId Emitter::emit_spider(std::uint64_t trace) const {
  const Timeline timeline = make_timeline(trace);
  // It has just ended: nobody waits for it, and Jaeger finds it among the latest.
  const jtrace::Timestamp start_time = std::chrono::system_clock::now() - timeline.length();
  const Run run{trace, timeline, start_time, is_failing(trace, options_.error_rate)};

  jtrace::Span spider = start(run, kSpider, jtrace::Kind::none, jtrace::root);
  spider.set_tag("component", "jtrace-send").set_tag("spider.page", kPage).set_tag("spider.run", trace);
  download(run, spider);
  parser(run, spider);
  insert(run, spider);
  const jtrace::TraceId id = spider.context().trace_id();
  finish(run, kSpider, spider);
  return id;
}

void Emitter::download(const Run& run, const jtrace::Span& spider) const {
  jtrace::Span span = start(run, kDownload, jtrace::Kind::client, spider);
  span.set_tag("http.method", "GET").set_tag("http.url", kPage).set_tag("http.status_code", 200);
  span.log("response received", {{"bytes", 48'231 + run.trace % 1000}, {"gzip", true}},
           run.finish_of(kDownload) - 5ms);
  finish(run, kDownload, span);
}

void Emitter::parser(const Run& run, const jtrace::Span& spider) const {
  jtrace::Span span = start(run, kParser, jtrace::Kind::internal, spider);
  span.set_tag("parser.items", 24).set_tag("parser.coverage", 0.98).set_tag("parser.strict", false);
  finish(run, kParser, span);
}

void Emitter::insert(const Run& run, const jtrace::Span& spider) const {
  jtrace::Span span = start(run, kInsert, jtrace::Kind::internal, spider);
  span.set_tag("insert.rows", 24);
  make_sql(run, span);
  to_db(run, span);
  finish(run, kInsert, span);
}

void Emitter::make_sql(const Run& run, const jtrace::Span& insert) const {
  jtrace::Span span = start(run, kMakeSql, jtrace::Kind::internal, insert);
  span.log("statement ready", {{"parameters", 96}}, run.finish_of(kMakeSql) - 1ms);
  finish(run, kMakeSql, span);
}

void Emitter::to_db(const Run& run, const jtrace::Span& insert) const {
  jtrace::Span span = start(run, kToDb, jtrace::Kind::client, insert);
  span.set_tag("db.type", "mysql").set_tag("db.instance", "spider");
  span.set_tag("db.statement", "INSERT INTO course (id, title, url, lessons) VALUES (?, ?, ?, ?)");
  if (run.fails) {
    span.log("error", {{"error.kind", "DuplicateKey"}, {"message", "Duplicate entry '7' for key 'PRIMARY'"}},
             run.finish_of(kToDb) - 1ms);
  }
  finish(run, kToDb, span);
}

jtrace::Span Emitter::start(const Run& run, Step step, jtrace::Kind kind,
                            const jtrace::Parent& parent) const {
  return tracer_.start_span(kScenario[step].name,
                            {.child_of = parent, .kind = kind, .start_time = run.start_of(step)});
}

void Emitter::finish(const Run& run, Step step, jtrace::Span& span) const {
  if (run.fails && kScenario[step].fails_with_trace) span.set_error();
  set_tags(span);
  span.finish(run.finish_of(step));
}

// The user's tags come last, so that they win.
void Emitter::set_tags(jtrace::Span& span) const {
  for (const auto& [key, value] : options_.tags)
    std::visit([&, &name = key](const auto& typed) { span.set_tag(name, typed); }, value);
}

}  // namespace jtrace_send
