// The real jtrace-send against servers that behave as they are told: what arrives, what it says, how it
// exits.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "answers.h"
#include "diagnose.h"
#include "raw_server.h"
#include "support/batch.h"
#include "support/black_hole.h"
#include "support/http_server.h"
#include "support/process.h"

namespace {

using support::Answer;
using support::HttpServer;
using support::Outcome;

Outcome send(std::vector<std::string> arguments, const support::Variables& variables = {}) {
  arguments.insert(arguments.begin(), JTRACE_SEND);
  return support::run(std::move(arguments), variables);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Answer page(int status, std::string body, std::string type) {
  return {.status = status, .body = std::move(body), .headers = {{"Content-Type", std::move(type)}}};
}
Answer json(std::string body, int status = 200) {
  return page(status, std::move(body), "application/json");
}
Answer behaving(Answer::Manner manner) {
  return {.body = {}, .headers = {}, .manner = manner};
}
Answer plain(int status, std::string body = {}) {
  return {.status = status, .body = std::move(body), .headers = {}};
}

const char* const kNotFoundV3 = R"({"error":{"httpCode":404,"message":"No traces found"}})";

// The ids on the lines "trace <id>  <link>".
std::vector<std::string> printed_ids(const Outcome& outcome) {
  std::vector<std::string> ids;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("trace ")) ids.push_back(line.substr(6, 32));
  }
  return ids;
}

std::set<std::uint64_t> sent_ids(const HttpServer& server) {
  std::set<std::uint64_t> ids;
  for (const support::SentSpan& span : support::spans_of(server)) ids.insert(span.trace_id_low);
  return ids;
}

// A terminal of our own, for what a child writes to it.
class Terminal {
 public:
  Terminal() : ours_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
    REQUIRE(ours_ >= 0);
    REQUIRE(grantpt(ours_) == 0);
    REQUIRE(unlockpt(ours_) == 0);
    name_ = ptsname(ours_);
    theirs_ = open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);  // what was written stays while nobody else has it
    REQUIRE(theirs_ >= 0);
  }
  ~Terminal() {
    close(theirs_);
    close(ours_);
  }
  const std::string& name() const { return name_; }
  // What is there by now.
  std::string read() const {
    std::string text(64 * 1024, '\0');
    const ssize_t got = ::read(ours_, text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

 private:
  int ours_ = -1, theirs_ = -1;
  std::string name_;
};

// A failed run: its exit code, and that it says no more than that on stdout.
std::string failure(const Outcome& outcome, int exit_code) {
  INFO(outcome.describe());
  CHECK(outcome.exit_code == exit_code);
  CHECK(outcome.err.starts_with("jtrace-send: "));
  return outcome.err;
}

// What the program says when the collector answers like this.
std::string refusal(const Answer& answer, const std::string& path = "/api/traces") {
  HttpServer server(answer);
  const std::string text = failure(send({"-e", server.url(path)}), 4);
  CHECK(server.requests().size() == 1);  // no span was spent on it
  return text;
}

}  // namespace

TEST_SUITE("delivery") {
  TEST_CASE("one trace of six spans arrives, and its id, link and totals are printed") {
    HttpServer server;
    const Outcome outcome =
        send({"--endpoint", server.endpoint(), "--service", "测试应用名称", "--ui", "http://ui:1"});
    INFO(outcome.describe());
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.err == "");
    const auto ids = printed_ids(outcome);
    REQUIRE(ids.size() == 1);
    CHECK(contains(outcome.out, "trace " + ids[0] + "  http://ui:1/trace/" + ids[0] + "\n"));
    CHECK(contains(outcome.out, "1 trace, 6 spans: 6 acknowledged, 0 failed, in "));

    const auto spans = support::spans_of(server);
    REQUIRE(spans.size() == 6);
    const auto spider = support::find_span(spans, "spider"), insert = support::find_span(spans, "insert");
    CHECK(spider.parent_span_id == 0);
    for (const char* name : {"download", "parser", "insert"})
      CHECK(support::find_span(spans, name).parent_span_id == spider.span_id);
    for (const char* name : {"make_sql", "to_db"})
      CHECK(support::find_span(spans, name).parent_span_id == insert.span_id);
    CHECK(support::decode_batch(server.requests().back().body).service == "测试应用名称");
  }

  TEST_CASE("the first look at a collector is a batch without spans") {
    HttpServer server;
    send({"-e", server.endpoint()});
    const auto requests = server.requests();
    REQUIRE(requests.size() >= 2);
    CHECK(requests[0].body == jtrace_send::empty_batch());
    CHECK(requests[0].header("Content-Type") == "application/x-thrift");
    CHECK(support::decode_batch(requests[0].body).spans.empty());
  }

  TEST_CASE("the endpoint and the service may come from the environment") {
    HttpServer server;
    CHECK(send({}, {{"JAEGER_ENDPOINT", server.endpoint()}, {"JAEGER_SERVICE_NAME", "from outside"}})
              .exit_code == 0);
    CHECK(support::decode_batch(server.requests().back().body).service == "from outside");
  }

  TEST_CASE("test traces are sent even where the environment switches tracing off") {
    HttpServer server;
    const Outcome outcome =
        send({"-e", server.endpoint()},
             {{"JAEGER_DISABLED", "true"}, {"JAEGER_SAMPLER_TYPE", "const"}, {"JAEGER_SAMPLER_PARAM", "0"}});
    CHECK(outcome.exit_code == 0);
    CHECK(support::spans_of(server).size() == 6);
  }

  TEST_CASE("of many traces ten ids are printed, all of them if asked, none if quiet") {
    HttpServer server;
    const Outcome usual = send({"-e", server.endpoint(), "-n", "25"});
    CHECK(printed_ids(usual).size() == 10);
    CHECK(contains(usual.out, "and 15 traces more"));
    const Outcome verbose = send({"-e", server.endpoint(), "-n", "25", "--verbose"});
    CHECK(printed_ids(verbose).size() == 25);
    const Outcome quiet = send({"-e", server.endpoint(), "-n", "25", "--quiet"});
    CHECK(quiet.exit_code == 0);
    CHECK(quiet.out == "");
    CHECK(sent_ids(server).size() == 75);
  }

  TEST_CASE("of thousands of traces none is lost, even where the environment makes the queue tiny") {
    HttpServer server;
    const Outcome outcome =
        send({"-e", server.endpoint(), "-n", "5000"}, {{"JAEGER_REPORTER_MAX_QUEUE_SIZE", "10"}});
    INFO(outcome.describe());
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.out, "5,000 traces, 30,000 spans: 30,000 acknowledged, 0 failed"));
    CHECK(sent_ids(server).size() == 5000);
  }

  TEST_CASE("a collector that closes after each answer, as Jaeger does, is fine") {
    HttpServer server(Answer{.body = {}, .headers = {}, .keep_alive = false});
    CHECK(send({"-e", server.endpoint(), "-n", "100"}).exit_code == 0);
    CHECK(sent_ids(server).size() == 100);
  }

  TEST_CASE("--tags are on every span and --error-rate marks its share") {
    HttpServer server;
    CHECK(
        send({"-e", server.endpoint(), "-n", "10", "--error-rate", "0.3", "--tags", "a=1,2", "--tags", "b=x"})
            .exit_code == 0);
    int errors = 0;
    for (const support::SentSpan& span : support::spans_of(server)) {
      CHECK(span.text("a") == "1,2");
      CHECK(span.text("b") == "x");
      errors += span.name == "spider" && span.tag("error") != nullptr;
    }
    CHECK(errors == 3);
  }

  TEST_CASE("--spans and --depth shape the traces, --threads and --duration the load, and its latencies are told") {
    HttpServer server;
    const Outcome outcome = send({"-e", server.endpoint(), "--duration", "350ms", "--rate", "50", "--threads", "3",
                                  "--spans", "7", "--depth", "2"});
    INFO(outcome.describe());
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.err == "");
    CHECK(contains(outcome.out, "flushes answered after p50 "));
    const auto ids = sent_ids(server);
    CHECK(ids.size() >= 2);
    CHECK(ids.size() <= 18);
    CHECK(support::spans_of(server).size() == 7 * ids.size());
  }

  TEST_CASE("a terminal gets a line of progress, which is gone at the end; anything else gets none") {
    HttpServer server;
    const Terminal terminal;
    const Outcome outcome =
        support::run({"/bin/sh", "-c", "exec \"$@\" 2>" + terminal.name(), "sh", JTRACE_SEND, "-e", server.endpoint(), "-n",
                      "80", "--rate", "100"});
    INFO(outcome.describe());
    CHECK(outcome.exit_code == 0);
    const std::string shown = terminal.read();
    INFO(shown);
    CHECK(contains(shown, "\r\033[Ksent "));
    CHECK(contains(shown, " of 80 traces"));
    CHECK(shown.ends_with("\r\033[K"));
    CHECK_FALSE(contains(outcome.out, "sent "));
    CHECK(send({"-e", server.endpoint(), "-n", "80", "--rate", "100"}).err == "");
  }

  TEST_CASE("--json prints one object and nothing else, also when it fails") {
    HttpServer server;
    const Outcome good = send({"-e", "http://user:secret@" + server.host_and_port(), "-n", "25", "--json"});
    INFO(good.describe());
    CHECK(good.exit_code == 0);
    CHECK(good.err == "");
    CHECK(good.out.starts_with("{\"endpoint\":\"http://***@"));
    CHECK(good.out.find('\n') == good.out.size() - 1);
    CHECK(contains(good.out, "\"emitted\":25"));
    CHECK(contains(good.out, "\"acknowledged\":150"));
    CHECK(contains(good.out, "\"exit_code\":0}"));
    CHECK_FALSE(contains(good.out, "secret"));

    HttpServer refusing(plain(404));
    const Outcome bad = send({"-e", refusing.endpoint(), "--json"});
    CHECK(bad.exit_code == 4);
    CHECK(contains(bad.err, "jtrace-send: "));
    CHECK(contains(bad.out, "\"problem\":{\"what\":"));
    CHECK(contains(bad.out, "\"exit_code\":4}"));
  }

  TEST_CASE("user and password are used and never shown") {
    HttpServer server;
    const std::string endpoint = "http://user:secret@" + server.host_and_port() + "/api/traces";
    const Outcome good = send({"-e", endpoint, "--verbose"});
    CHECK(good.exit_code == 0);
    for (const support::Request& request : server.requests())
      CHECK(request.header("Authorization") == "Basic dXNlcjpzZWNyZXQ=");
    for (const int status : {302, 400, 401, 403, 404, 500}) {
      server.answers(status);
      const Outcome bad = send({"-e", endpoint, "--verbose"});
      CHECK(bad.exit_code == 4);
      CHECK_FALSE(contains(good.out + good.err + bad.out + bad.err, "secret"));
    }
    for (const char* wrong : {"http://user:secret@127.0.0.1:1/x", "ftp://user:secret@h",
                              "http://user:se/secret@h", "user:secret@h:99999"}) {
      const Outcome bad = send({"-e", wrong});
      INFO(bad.describe());
      CHECK((bad.exit_code == 2 || bad.exit_code == 3));
      CHECK_FALSE(contains(bad.out + bad.err, "secret"));
    }
  }
}

TEST_SUITE("usage") {
  TEST_CASE("without an endpoint it exits with 2 and says how to give one") {
    CHECK(contains(failure(send({}), 2), "JAEGER_ENDPOINT"));
  }

  TEST_CASE("an endpoint that the library refuses exits with 2, with the library's words") {
    for (const char* endpoint : {"ftp://h", "http://", "a b", "h:70000"})
      CHECK(contains(failure(send({"-e", endpoint}), 2), "allowed"));
  }

  TEST_CASE("a wrong variable of the environment exits with 2 and is named") {
    CHECK(contains(failure(send({"-e", "h"}, {{"JAEGER_REPORTER_FLUSH_INTERVAL", "soon"}}), 2),
                   "JAEGER_REPORTER_FLUSH_INTERVAL"));
  }

  TEST_CASE("--help and --version go to stdout with exit code 0") {
    const Outcome help = send({"--help"}), version = send({"--version"});
    CHECK(help.exit_code == 0);
    CHECK(contains(help.out, "Exit codes:"));
    CHECK(version.exit_code == 0);
    CHECK(version.out.starts_with("jtrace-send "));
    CHECK(help.err + version.err == "");
  }
}

TEST_SUITE("not reachable") {
  TEST_CASE("a closed port is named at once") {
    const Outcome outcome = send({"-e", support::refusing_endpoint()});
    CHECK(contains(failure(outcome, 3), "Nothing listens at 127.0.0.1:"));
    CHECK(outcome.out == "");
  }

  TEST_CASE("a host that nobody knows is named") {
    // Longer than a label may be: the resolver need not ask anybody.
    const std::string host(70, 'x');
    CHECK(contains(failure(send({"-e", "http://" + host}), 3), "The host " + host + " is not known"));
  }

  TEST_CASE("a service that takes connections and says nothing is given up after --timeout") {
    HttpServer server(behaving(Answer::Manner::never));
    const Outcome outcome = send({"-e", server.endpoint(), "--timeout", "1s"});
    CHECK(contains(failure(outcome, 3), "did not answer in time"));
    CHECK(outcome.took < std::chrono::seconds(30));
  }

  TEST_CASE("an address that swallows connections is given up after --timeout") {
    support::BlackHole hole;
    CHECK(contains(failure(send({"-e", hole.endpoint(), "--timeout", "1s"}), 3), "nobody refused it"));
  }

  TEST_CASE("a gRPC port is recognised as one that does not speak HTTP/1.1") {
    // HTTP/2's first word, as gRPC servers say it: SETTINGS, MAX_FRAME_SIZE 16384.
    RawServer server(std::string("\0\0\6\4\0\0\0\0\0\0\5\0\0\x40\0", 15));
    CHECK(contains(failure(send({"-e", server.host_and_port()}), 3), "gRPC"));
  }

  TEST_CASE("a connection that is reset or closed without an answer is told as such") {
    HttpServer server(behaving(Answer::Manner::reset));
    CHECK(contains(failure(send({"-e", server.endpoint()}), 3), "does not answer in HTTP"));
    RawServer silent("");
    CHECK(contains(failure(send({"-e", silent.host_and_port()}), 3), "does not answer in HTTP"));
  }

  TEST_CASE("https at a port that speaks plain HTTP advises http, whether it answers or waits for more") {
    RawServer answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    CHECK(
        contains(failure(send({"-e", "https://" + answering.host_and_port()}), 3), "write http:// instead"));
    HttpServer waiting;
    CHECK(contains(failure(send({"-e", "https://" + waiting.host_and_port(), "--timeout", "1s"}), 3),
                   "write http:// instead"));
  }

  TEST_CASE("a collector that goes silent while traces are sent ends the run, and what was lost is counted") {
    HttpServer server(behaving(Answer::Manner::never));
    server.answers_next(plain(202));  // the probe
    const Outcome outcome = send({"-e", server.endpoint(), "--timeout", "1s"});
    failure(outcome, 3);
    CHECK(contains(outcome.out, "6 spans: 0 acknowledged, 6 failed"));
  }
}

TEST_SUITE("refused") {
  TEST_CASE("each refusal has its own message, and no span is spent on it") {
    CHECK(contains(refusal(plain(401)), "USER:PASSWORD@"));
    CHECK(contains(refusal(plain(403)), "does not let us in (403)"));
    CHECK(contains(refusal(plain(404, "404 page not found\n"), "/spans"), "Jaeger's is /api/traces"));
    CHECK(contains(refusal(plain(404, "404 page not found\n")), "the right port"));
    CHECK(contains(refusal(plain(405)), "it takes no spans there"));
    CHECK(contains(refusal(plain(400, "Unable to process request body: no Thrift\n")),
                   "Unable to process request body: no Thrift"));
    CHECK(contains(refusal(plain(400, "Client sent an HTTP request to an HTTPS server.\n")), "https://"));
    CHECK(contains(refusal(plain(413)), "too large"));
    CHECK(contains(refusal(plain(500, "Cannot submit Jaeger batch: full\n")),
                   "Cannot submit Jaeger batch: full"));
    CHECK(contains(refusal(plain(503)), "answered 503"));
  }

  TEST_CASE("Jaeger's UI, which answers 200 with a page to everything, is not taken for a collector") {
    CHECK(contains(refusal(page(200, "<!DOCTYPE html>\n<html></html>", "text/html; charset=utf-8")),
                   "with a page"));
    CHECK(contains(refusal(page(200, R"({"status":"Server available"})", "application/json")), "health"));
  }

  TEST_CASE("a refusal in the middle ends the run, and what arrived before it is counted") {
    HttpServer server(plain(500));
    server.answers_next(plain(202));  // the probe
    const Outcome outcome = send({"-e", server.endpoint(), "-n", "1000000"});
    CHECK(contains(failure(outcome, 4), "answered 500"));
    CHECK(contains(outcome.out, " of 1,000,000, "));
    CHECK(contains(outcome.out, "server error"));
  }

  TEST_CASE("a refusal that has passed when it is looked into is told, too") {
    HttpServer server;
    server.answers_next(plain(202));
    server.answers_next(plain(503));
    CHECK(contains(failure(send({"-e", server.endpoint()}), 4),
                   "refused a batch, though it takes an empty one now"));
  }
}

TEST_SUITE("verify") {
  TEST_CASE("a trace that the query API shows whole is verified, and the links lead there") {
    HttpServer collector, query(json(otlp_answer()));
    const Outcome outcome = send({"-e", collector.endpoint(), "--verify", query.url("")});
    INFO(outcome.describe());
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.out, "verified: 1 trace visible and whole at " + query.url("")));
    const auto ids = printed_ids(outcome);
    REQUIRE(ids.size() == 1);
    CHECK(contains(outcome.out, query.url("/trace/" + ids[0])));
    CHECK(query.requests().front().target == "/api/v3/traces/" + ids[0]);
  }

  TEST_CASE("it asks again while the trace is not there, or not whole") {
    HttpServer collector, query(json(otlp_answer()));
    query.answers_next(json(kNotFoundV3, 404));
    query.answers_next(json(kNotFoundV3, 404));
    query.answers_next(json(otlp_answer({.is_whole = false})));
    query.answers_next(plain(503));
    CHECK(send({"-e", collector.endpoint(), "--verify=" + query.url("")}).exit_code == 0);
    CHECK(query.requests().size() >= 5);
  }

  TEST_CASE("a server without the newer API is asked by the older one") {
    HttpServer collector, query(json(ui_answer()));
    for (int look = 0; look < 2; ++look) {
      query.answers_next(page(200, "<!DOCTYPE html>", "text/html"));  // Jaeger's UI answers unknown paths so
      query.answers_next(json(ui_answer()));
    }
    const Outcome outcome = send({"-e", collector.endpoint(), "--verify", query.url("")});
    CHECK(outcome.exit_code == 0);
    CHECK(query.requests()[1].target == "/api/traces/" + printed_ids(outcome).at(0));
  }

  TEST_CASE("each of many traces is looked up") {
    HttpServer collector, query(json(otlp_answer()));
    const Outcome outcome =
        send({"-e", collector.endpoint(), "-n", "200", "--verify", query.url(""), "--verbose"});
    CHECK(outcome.exit_code == 0);
    std::set<std::string> asked;
    for (const support::Request& request : query.requests())
      asked.insert(request.target.substr(request.target.rfind('/') + 1));
    const auto ids = printed_ids(outcome);
    CHECK(asked == std::set<std::string>(ids.begin(), ids.end()));
    CHECK(asked.size() == 200);
  }

  TEST_CASE("a trace that does not appear in time exits with 5 and is named") {
    HttpServer collector, query(json(kNotFoundV3, 404));
    const Outcome outcome = send({"-e", collector.endpoint(), "--verify", query.url(""), "--timeout", "1s"});
    const std::string text = failure(outcome, 5);
    CHECK(contains(text, "only 0 of 1 trace visible"));
    CHECK(contains(text, printed_ids(outcome).at(0) + ": it is not there"));
  }

  TEST_CASE("a trace that stays incomplete or wrongly marked exits with 5 and says what is wrong") {
    HttpServer collector, query(json(otlp_answer({.is_whole = false})));
    CHECK(
        contains(failure(send({"-e", collector.endpoint(), "--verify", query.url(""), "--timeout", "1s"}), 5),
                 "the span to_db is missing"));
    query.answers(json(otlp_answer()));
    CHECK(contains(failure(send({"-e", collector.endpoint(), "--error-rate", "1", "--verify", query.url(""),
                                 "--timeout", "1s"}),
                           5),
                   "spider has no error mark"));
  }

  TEST_CASE("tags of the user's own that change error marks are no difference") {
    HttpServer collector, query(json(otlp_answer({.fails = true})));
    CHECK(send({"-e", collector.endpoint(), "--tags", "http.status_code=500", "--verify", query.url("")})
              .exit_code == 0);
  }

  TEST_CASE("where there is no query API it says so at once, with exit code 5") {
    HttpServer collector, query(page(404, "404 page not found\n", "text/plain"));
    const Outcome nothing = send({"-e", collector.endpoint(), "--verify", query.url(""), "--timeout", "1m"});
    CHECK(contains(failure(nothing, 5), "which is no answer of a query API"));
    CHECK(nothing.took < std::chrono::seconds(30));
    query.answers(401);
    CHECK(contains(failure(send({"-e", collector.endpoint(), "--verify", query.url("")}), 5),
                   "does not let us in"));
    const std::string closed = support::refusing_endpoint();
    CHECK(contains(
        failure(send({"-e", collector.endpoint(), "--verify", closed.substr(0, closed.find("/api"))}), 5),
        "Nothing listens"));
  }

  TEST_CASE("a query API with user and password gets them, and nobody else") {
    HttpServer collector, query(json(otlp_answer()));
    const Outcome outcome =
        send({"-e", collector.endpoint(), "--verify", "http://user:secret@" + query.host_and_port()});
    CHECK(outcome.exit_code == 0);
    CHECK(query.requests().front().header("Authorization") == "Basic dXNlcjpzZWNyZXQ=");
    CHECK_FALSE(contains(outcome.out + outcome.err, "secret"));
  }
}
