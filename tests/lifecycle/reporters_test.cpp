// Who gets finished spans beside a collector, or in its place: reporters of the program's, a file, the log; and the hook before all
// of them. The books are balanced after each.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "jtrace/jtrace.h"
#include "jtrace/reporter.h"
#include "support/batch.h"
#include "support/http_server.h"
#include "support/log_capture.h"

namespace {

using jtrace::EditableSpan;
using jtrace::FinishedSpan;
using jtrace::Stats;
using support::HttpServer;
using support::LogCapture;
using namespace std::chrono_literals;

constexpr auto kLong = 30s;

std::string text_of(const jtrace::Value& value) {
  switch (value.type()) {
    case jtrace::Value::Type::boolean: return value.as_bool() ? "true" : "false";
    case jtrace::Value::Type::integer: return std::to_string(value.as_integer());
    case jtrace::Value::Type::floating: return std::to_string(value.as_double());
    default: return std::string(value.as_text());
  }
}

// Keeps what it saw, as text.
class Notebook final : public jtrace::Reporter {
 public:
  void report(std::span<const FinishedSpan> spans) override {
    const std::lock_guard lock(mutex_);
    thread_ = std::this_thread::get_id();
    for (const FinishedSpan& span : spans) {
      std::string line(span.operation_name());
      for (const jtrace::Field& tag : span.tags()) line += " " + std::string(tag.key.view()) + "=" + text_of(tag.value);
      for (std::size_t i = 0; i < span.log_count(); ++i) {
        line += " {";
        for (const jtrace::Field& field : span.log(i).fields) line += std::string(field.key.view()) + "=" + text_of(field.value) + ",";
        line += "}";
      }
      lines_.push_back(line);
    }
  }
  void flush() override { ++flushes_; }

  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::thread::id thread() {
    const std::lock_guard lock(mutex_);
    return thread_;
  }
  int flushes() const { return flushes_; }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::thread::id thread_;
  std::atomic<int> flushes_{0};
};

class Thrower final : public jtrace::Reporter {
 public:
  void report(std::span<const FinishedSpan>) override { throw std::runtime_error("not today"); }
};

// Keeps spans back, and cannot write them while it is full.
class Buffer final : public jtrace::Reporter {
 public:
  void report(std::span<const FinishedSpan>) override {
    if (takes_none) throw std::runtime_error("more than full");
  }
  void flush() override {
    if (is_full) throw std::runtime_error("full");
  }

  std::atomic<bool> is_full{true}, takes_none{false};
};

jtrace::Tracer tracer_of(jtrace::Config config) {
  config.service_name = "svc";
  if (!config.flush_interval.is_set()) config.flush_interval = 1h;
  auto made = jtrace::make_tracer(config);
  REQUIRE_MESSAGE(made, made.error().message());
  return *made;
}

Stats close(const jtrace::Tracer& tracer) {
  CHECK(tracer.close(kLong));
  const Stats stats = tracer.stats();
  CHECK(stats.is_balanced());
  CHECK(stats.queued == 0);
  return stats;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "jtrace-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return (path_ / name).string(); }
  void is_for_everybody() const { std::filesystem::permissions(path_, std::filesystem::perms(01777)); }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) found.push_back(entry.path().filename().string());
    return found;
  }

 private:
  std::filesystem::path path_;
};

std::string text_of_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool is_whole_document(const std::string& text) {
  return text.starts_with("{\"data\":[{\"traceID\":") && text.find('\0') == std::string::npos &&
         text.find("\"errors\":null}") + std::string_view("\"errors\":null}\n").size() == text.size();
}

// A document of some megabytes, over and over; false: not each time.
bool writes_documents(const std::string& path) {
  const auto tracer = tracer_of({.file = path, .file_format = "jaeger-ui"});
  for (int i = 0; i < 4000; ++i) tracer.start_span("one of many").finish();
  for (int i = 0; i < 100; ++i) {
    tracer.start_span("one more").finish();
    tracer.flush(kLong);
  }
  return tracer.close(kLong) && tracer.stats().reporter_errors == 0;
}

// Of a child that traces one span into this file after having prepared itself so.
template <class Prepare>
Stats stats_of_child(const std::string& path, Prepare&& prepare) {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    prepare();
    Stats stats;
    if (const auto made = jtrace::make_tracer({.service_name = "child", .file = path, .file_format = "jaeger-ui"})) {
      made->start_span("in a child").finish();
      made->close(kLong);
      stats = made->stats();
    }
    _exit(write(pipe_ends[1], &stats, sizeof stats) != sizeof stats);
  }
  ::close(pipe_ends[1]);
  Stats stats;
  CHECK(read(pipe_ends[0], &stats, sizeof stats) == sizeof stats);
  ::close(pipe_ends[0]);
  waitpid(child, nullptr, 0);
  CHECK(stats.started == 1);
  CHECK(stats.is_balanced());
  return stats;
}

}  // namespace

TEST_CASE("a reporter of the program gets every finished span, on the reporter's thread, without any collector") {
  const auto notebook = std::make_shared<Notebook>();
  const auto tracer = tracer_of({.reporters = {notebook}});
  CHECK(tracer.enabled());
  {
    auto root = tracer.start_active_span("root");
    auto child = tracer.start_span("child", {.kind = jtrace::Kind::client});
    child.set_tag("a", 1).set_tag("a", "last").log("sent", {{"bytes", 512}}).finish();
  }
  CHECK(tracer.flush(kLong));
  CHECK(notebook->lines() == std::vector<std::string>{"child span.kind=client a=last {event=sent,bytes=512,}", "root sampler.type=const sampler.param=true"});
  CHECK(notebook->thread() != std::this_thread::get_id());
  CHECK(notebook->flushes() >= 1);
  const Stats stats = close(tracer);
  CHECK(stats.acknowledged == 2);
  CHECK(stats.reporter_errors == 0);
}

TEST_CASE("several reporters and a collector all get the same spans") {
  HttpServer server;
  const auto one = std::make_shared<Notebook>(), other = std::make_shared<Notebook>();
  const auto tracer = tracer_of({.endpoint = server.endpoint(), .reporters = {one, other, std::make_shared<jtrace::NullReporter>()}});
  for (int i = 0; i < 1000; ++i) tracer.start_span("op").set_tag("i", i).finish();
  const Stats stats = close(tracer);
  CHECK(stats.acknowledged == 1000);
  CHECK(support::spans_of(server).size() == 1000);
  CHECK(one->lines().size() == 1000);
  CHECK(one->lines() == other->lines());
}

TEST_CASE("what a reporter throws is counted and told, and keeps nothing from the others nor from the collector") {
  const LogCapture log;
  HttpServer server;
  const auto notebook = std::make_shared<Notebook>();
  const auto tracer = tracer_of({.endpoint = server.endpoint(), .reporters = {std::make_shared<Thrower>(), notebook}});
  for (int i = 0; i < 10; ++i) tracer.start_span("op").finish();
  const Stats stats = close(tracer);
  CHECK(stats.acknowledged == 10);
  CHECK(stats.reporter_errors == 10);
  CHECK(notebook->lines().size() == 10);
}

TEST_CASE("where nobody but a reporter that throws was to get them, spans count as rejected") {
  const auto tracer = tracer_of({.reporters = {std::make_shared<Thrower>()}});
  for (int i = 0; i < 10; ++i) tracer.start_span("op").finish();
  const Stats stats = close(tracer);
  CHECK(stats.acknowledged == 0);
  CHECK(stats.failures.rejected == 10);
  CHECK(stats.reporter_errors == 10);
}

TEST_CASE("where nobody but a reporter that keeps spans back was to get them, those that it could not write count as rejected") {
  const LogCapture log;
  const auto buffer = std::make_shared<Buffer>();
  const auto tracer = tracer_of({.reporters = {buffer, std::make_shared<jtrace::NullReporter>()}});
  for (int i = 0; i < 10; ++i) tracer.start_span("op").finish();
  CHECK(tracer.flush(kLong));
  CHECK(tracer.stats().failures.rejected == 10);
  CHECK(tracer.stats().acknowledged == 0);
  buffer->is_full = false;
  for (int i = 0; i < 5; ++i) tracer.start_span("op").finish();
  const Stats stats = close(tracer);
  CHECK(stats.failures.rejected == 10);
  CHECK(stats.acknowledged == 5);
  CHECK(stats.reporter_errors == 1);
}

TEST_CASE("a span that one reporter did not take and another could not write is rejected once") {
  const LogCapture log;
  const auto one = std::make_shared<Buffer>(), other = std::make_shared<Buffer>();
  other->takes_none = true;
  const auto tracer = tracer_of({.reporters = {one, other}});
  for (int i = 0; i < 10; ++i) tracer.start_span("op").finish();
  CHECK(tracer.flush(kLong));
  CHECK(tracer.stats().failures.rejected == 10);
  one->is_full = other->is_full = other->takes_none = false;
  for (int i = 0; i < 20; ++i) tracer.start_span("op").finish();
  const Stats stats = close(tracer);
  CHECK(stats.failures.rejected == 10);
  CHECK(stats.acknowledged == 20);
}

TEST_CASE("a tracer keeps its share in a reporter that the program has let go") {
  auto notebook = std::make_shared<Notebook>();
  const std::weak_ptr<Notebook> seen = notebook;
  const auto tracer = tracer_of({.reporters = {notebook}});
  notebook.reset();
  tracer.start_span("op").finish();
  CHECK(tracer.flush(kLong));
  REQUIRE(seen.lock());
  CHECK(seen.lock()->lines().size() == 1);
  close(tracer);
}

TEST_CASE("a finish hook changes what everybody gets") {
  HttpServer server;
  const auto notebook = std::make_shared<Notebook>();
  const auto redact = jtrace::on_finish([](EditableSpan& span) {
    if (span.tag("password")) span.set_tag("password", "***");
    span.remove_tag("card");
    if (span.operation_name() == "secret") span.set_operation_name("public");
    for (std::size_t i = 0; i < span.log_count(); ++i) {
      const auto log = span.log(i);
      for (std::size_t f = 0; f < log.fields.size(); ++f)
        if (log.fields[f].key.view() == "token") span.set_log_field(i, f, "***");
    }
  });
  const auto tracer = tracer_of({.endpoint = server.endpoint(), .reporters = {notebook}, .finish_hook = redact});
  jtrace::SpanContext root_context;
  {
    auto root = tracer.start_active_span("secret");
    root_context = root.span().context();
    auto child = tracer.start_span("child", {.kind = jtrace::Kind::server});
    child.set_tag("password", "x").set_tag("card", 1234).set_tag("kept", 0.5).log("login", {{"token", "abc"}, {"ok", true}}).finish();
  }
  CHECK(close(tracer).acknowledged == 2);
  CHECK(notebook->lines() == std::vector<std::string>{"child span.kind=server password=*** kept=0.500000 {event=login,token=***,ok=true,}",
                                                      "public sampler.type=const sampler.param=true"});
  const auto spans = support::spans_of(server);
  const auto child = support::find_span(spans, "child"), root = support::find_span(spans, "public");
  CHECK(child.text("password") == "***");
  CHECK(child.count("card") == 0);
  CHECK(child.count("span.kind") == 1);
  CHECK(child.parent_span_id == root_context.span_id().value);
  CHECK(child.trace_id_low == root_context.trace_id().low);
  CHECK(child.logs.at(0).field("token")->text == "***");
  CHECK(child.logs.at(0).field("ok")->boolean);
  CHECK(root.count("sampler.type") == 1);
}

TEST_CASE("a finish hook drops spans, and one that throws lets none pass") {
  HttpServer server;
  const LogCapture log;
  const auto notebook = std::make_shared<Notebook>();
  const auto hook = jtrace::on_finish([](EditableSpan& span) {
    if (span.operation_name() == "health") span.drop();
    if (span.operation_name() == "bad") throw std::runtime_error("no");
  });
  const auto tracer = tracer_of({.endpoint = server.endpoint(), .reporters = {notebook}, .finish_hook = hook});
  for (const char* name : {"health", "work", "bad", "work"}) tracer.start_span(name).finish();
  const Stats stats = close(tracer);
  CHECK(stats.acknowledged == 2);
  CHECK(stats.hook_dropped == 2);
  CHECK(stats.dropped() == 2);
  CHECK(notebook->lines().size() == 2);
  CHECK(support::spans_of(server).size() == 2);
}

TEST_CASE("a hook sees each span once, however often the collector fails") {
  HttpServer server;
  for (int i = 0; i < 3; ++i) server.answers_next({.status = 503, .body = {}, .headers = {}});
  std::atomic<int> seen{0};
  const auto hook = jtrace::on_finish([&](EditableSpan& span) { span.set_tag("seen", ++seen); });
  const auto tracer = tracer_of({.endpoint = server.endpoint(), .finish_hook = hook, .retry = {.initial = 1ms, .max = 1ms}, .max_batch_bytes = 2048});
  for (int i = 0; i < 500; ++i) tracer.start_span("op").finish();
  CHECK(close(tracer).acknowledged == 500);
  CHECK(seen == 500);
}

TEST_CASE("a file gets a line of JSON for each span, behind what is there") {
  const Folder folder;
  const std::string path = folder.file("spans.jsonl");
  std::ofstream(path) << "before\n";
  const auto tracer = tracer_of({.file = path, .tags = {{"hostname", "h"}, {"ip", "i"}, {"jaeger.version", "v"}}});
  const jtrace::Timestamp at{1'600'000'000s};
  auto span = tracer.start_span("say \"hi\"\n", {.start_time = at, .tags = {{"n", 9007199254740993}, {"yes", true}, {"half", 0.5}, {"bytes", jtrace::bytes("\0\xff", 2)}}});
  span.log("e", {}, at + 500us);
  const auto ids = span.context();
  span.finish(at + 1ms);
  CHECK(close(tracer).acknowledged == 1);
  const auto lines = lines_of(path);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "before");
  CHECK(lines[1] == "{\"traceID\":\"" + ids.trace_id().hex().str() + "\",\"spanID\":\"" + ids.span_id().hex().str() +
                        R"(","flags":1,"operationName":"say \"hi\"\u000a","references":[],"startTime":1600000000000000,"duration":1000,)"
                        R"("tags":[{"key":"sampler.type","type":"string","value":"const"},{"key":"sampler.param","type":"bool","value":true},)"
                        R"({"key":"n","type":"int64","value":"9007199254740993"},{"key":"yes","type":"bool","value":true},)"
                        R"({"key":"half","type":"float64","value":0.5},{"key":"bytes","type":"binary","value":"AP8="}],)"
                        R"("logs":[{"timestamp":1600000000000500,"fields":[{"key":"event","type":"string","value":"e"}]}],)"
                        R"("process":{"serviceName":"svc","tags":[{"key":"hostname","type":"string","value":"h"},{"key":"ip","type":"string","value":"i"},)"
                        R"({"key":"jaeger.version","type":"string","value":"v"}]}})");
}

TEST_CASE("a file that cannot be written is a failure that is counted, and a folder that is not there an error") {
  const LogCapture log;
  const auto tracer = tracer_of({.file = "/dev/full"});
  tracer.start_span("op").finish();
  const Stats stats = close(tracer);
  CHECK(stats.failures.rejected == 1);
  CHECK(stats.reporter_errors == 1);
  const auto made = jtrace::make_tracer({.file = "/no/such/folder/spans.jsonl"});
  REQUIRE_FALSE(made);
  CHECK(made.error().message() == "file=\"/no/such/folder/spans.jsonl\": allowed is the path of a file in a folder that is there");
}

TEST_CASE("a file for Jaeger's UI is a whole document after each flush, in which the spans of a trace are together") {
  const Folder folder;
  const std::string path = folder.file("traces.json");
  std::ofstream(path) << "before";
  const auto tracer = tracer_of(
      {.file = path, .file_format = "jaeger-ui", .tags = {{"hostname", "h"}, {"ip", "i"}, {"jaeger.version", "v"}}});
  const jtrace::Timestamp at{1'600'000'000s};
  auto root = tracer.start_span("root", {.start_time = at}), other = tracer.start_span("other", {.start_time = at});
  const jtrace::SpanContext ids = root.context(), other_ids = other.context();
  const auto span_text = [](const jtrace::SpanContext& own, const char* name, const std::string& references, const char* tags) {
    return "{\"traceID\":\"" + own.trace_id().hex().str() + "\",\"spanID\":\"" + own.span_id().hex().str() + "\",\"flags\":1,\"operationName\":\"" + name +
           "\",\"references\":[" + references + "],\"startTime\":1600000000000000,\"duration\":1000,\"tags\":[" + tags +
           "],\"logs\":[],\"processID\":\"p1\",\"warnings\":null}";
  };
  const auto trace_text = [](const jtrace::SpanContext& own, const std::string& spans) {
    return "{\"traceID\":\"" + own.trace_id().hex().str() + "\",\"spans\":[" + spans +
           R"(],"processes":{"p1":{"serviceName":"svc","tags":[{"key":"hostname","type":"string","value":"h"},)"
           R"({"key":"ip","type":"string","value":"i"},{"key":"jaeger.version","type":"string","value":"v"}]}},"warnings":null})";
  };
  const auto document = [](const std::string& traces, int total) {
    return std::vector<std::string>{"{\"data\":[" + traces + "],\"total\":" + std::to_string(total) + ",\"limit\":0,\"offset\":0,\"errors\":null}"};
  };
  constexpr const char* kSampler = R"({"key":"sampler.type","type":"string","value":"const"},{"key":"sampler.param","type":"bool","value":true})";

  auto child = tracer.start_span("child", {.child_of = ids, .start_time = at});
  const std::string child_text = span_text(child.context(), "child",
      "{\"refType\":\"CHILD_OF\",\"traceID\":\"" + ids.trace_id().hex().str() + "\",\"spanID\":\"" + ids.span_id().hex().str() + "\"}", "");
  child.finish(at + 1ms);
  REQUIRE(tracer.flush(kLong));
  CHECK(lines_of(path) == document(trace_text(ids, child_text), 1));

  other.finish(at + 1ms);
  root.finish(at + 1ms);
  CHECK(close(tracer).acknowledged == 3);
  CHECK(lines_of(path) == document(trace_text(other_ids, span_text(other_ids, "other", "", kSampler)) + "," +
                                   trace_text(ids, child_text + "," + span_text(ids, "root", "", kSampler)), 2));
  CHECK(folder.names() == std::vector<std::string>{"traces.json"});
}

TEST_CASE("a document is whole at any time, whoever else writes to its path") {
  const LogCapture log;
  const Folder folder;
  const std::string path = folder.file("traces.json");
  const pid_t child = fork();
  if (child == 0) _exit(writes_documents(path) ? 0 : 1);
  std::atomic<int> writing{2};
  const auto writes = [&] {
    CHECK(writes_documents(path));
    --writing;
  };
  std::thread one(writes), other(writes);
  int torn = 0;
  for (bool is_last = false; !is_last;) {
    is_last = writing == 0;
    const std::string text = text_of_file(path);
    if (!text.empty() && !is_whole_document(text)) ++torn;
  }
  CHECK(torn == 0);
  one.join();
  other.join();
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(is_whole_document(text_of_file(path)));
  CHECK(folder.names() == std::vector<std::string>{"traces.json"});
}

TEST_CASE("a document takes the place of a plain file only: a link, what it points to and a pipe stay as they are") {
  const LogCapture log;
  const Folder folder;
  const std::string kept = folder.file("kept"), link = folder.file("link"), pipe = folder.file("pipe");
  std::ofstream(kept) << "kept";
  std::filesystem::create_symlink(kept, link);
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& path : {link, pipe, std::string("/dev/null")}) {
    CAPTURE(path);
    const auto tracer = tracer_of({.file = path, .file_format = "jaeger-ui"});
    tracer.start_span("op").finish();
    const Stats stats = close(tracer);
    CHECK(stats.failures.rejected == 1);
    CHECK(stats.reporter_errors == 1);
  }
  CHECK(std::filesystem::is_symlink(link));
  CHECK(text_of_file(kept) == "kept");
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK(std::filesystem::is_character_file("/dev/null"));
  CHECK(folder.names().size() == 3);
}

TEST_CASE("a document may be read by whom the former file could be read by, and a first one by whom the umask lets") {
  const Folder folder;
  const std::string path = folder.file("traces.json");
  const auto mode = [&] { return static_cast<int>(std::filesystem::status(path).permissions()); };
  const mode_t before = umask(027);
  const auto tracer = tracer_of({.file = path, .file_format = "jaeger-ui"});
  tracer.start_span("op").finish();
  tracer.flush(kLong);
  CHECK(mode() == 0640);
  for (const int chosen : {0600, 0664}) {
    REQUIRE(chmod(path.c_str(), static_cast<mode_t>(chosen)) == 0);
    tracer.start_span("op").finish();
    tracer.flush(kLong);
    CHECK(mode() == chosen);
  }
  umask(before);
  CHECK(close(tracer).acknowledged == 3);
}

TEST_CASE("a document for which there is no room leaves nothing behind, and its spans count as rejected") {
  const Folder folder;
  const Stats stats = stats_of_child(folder.file("traces.json"), [] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit at_most{100, 100};
    setrlimit(RLIMIT_FSIZE, &at_most);
  });
  CHECK(stats.failures.rejected == 1);
  CHECK(folder.names().empty());
}

TEST_CASE("a document that may not take the file's place leaves nothing behind, and its spans count as rejected" *
          doctest::skip(geteuid() != 0) * doctest::description("skipped unless it runs as root, who can make another user's file")) {
  const Folder folder;
  folder.is_for_everybody();  // but a file in it is its owner's alone
  const std::string path = folder.file("traces.json");
  std::ofstream(path) << "root's";
  const Stats stats = stats_of_child(path, [] {
    constexpr uid_t kNobody = 65534;
    if (setuid(kNobody) != 0) _exit(1);
  });
  CHECK(stats.failures.rejected == 1);
  CHECK(text_of_file(path) == "root's");
  CHECK(folder.names() == std::vector<std::string>{"traces.json"});
}

TEST_CASE("a document holds the newest traces only, and what cannot be written is counted and comes with the next one") {
  const LogCapture log;
  const Folder folder;
  const std::string path = folder.file("traces.json");
  const auto tracer = tracer_of({.file = path, .file_format = "jaeger-ui", .max_queue_bytes = 512 << 20});
  std::filesystem::create_directory(path);  // in the document's way
  tracer.start_span("first").finish();
  tracer.flush(kLong);
  CHECK(tracer.stats().reporter_errors == 1);
  CHECK(tracer.stats().failures.rejected == 1);
  std::filesystem::remove(path);
  tracer.start_span("second").finish();
  tracer.flush(kLong);
  CHECK(lines_of(path).at(0).find("\"first\"") != std::string::npos);
  CHECK(lines_of(path).at(0).find("\"second\"") != std::string::npos);
  const std::string text = "of a length that does something for the size of the document";
  for (int i = 0; i < 60'000; ++i) tracer.start_span("many", {.tags = {{"some text", text}}}).finish();
  tracer.start_span("last").finish();
  const Stats stats = close(tracer);
  CHECK(stats.reporter_errors == 1);
  CHECK(stats.failures.rejected == 1);
  CHECK(stats.acknowledged == 60'002);
  CHECK(std::filesystem::file_size(path) < (33 << 20));
  CHECK(std::filesystem::file_size(path) > (31 << 20));
  CHECK(lines_of(path).at(0).find("\"second\"") == std::string::npos);
  CHECK(lines_of(path).at(0).find("\"last\"") != std::string::npos);
}

TEST_CASE("a format of the file that nobody knows is an error that names it") {
  const auto made = jtrace::make_tracer({.file = "/tmp/spans.json", .file_format = "xml"});
  REQUIRE_FALSE(made);
  CHECK(made.error().message() == "file_format=\"xml\": allowed is json-lines or jaeger-ui");
}

TEST_CASE("logging writes a line for each span, at every level but off") {
  LogCapture log;
  const auto tracer = tracer_of({.logging = true});
  auto span = tracer.start_span("line\nbreak");
  const auto ids = span.context();
  span.finish();
  CHECK(close(tracer).acknowledged == 1);
  const std::string wanted = "Reporting span " + ids.trace_id().hex().str() + ":" + ids.span_id().hex().str() + ":0000000000000000:1 svc.line?break ";
  CHECK(log.count(wanted) == 1);
}
