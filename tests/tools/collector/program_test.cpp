// Covers the program jtrace-collector over real sockets: its start, its two ports, its end.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fixture.h"
#include "samples.h"

using namespace std::chrono_literals;
using fixture::Collector;
using fixture::Reader;
using nlohmann::json;

namespace {

const std::string kGolden = samples::golden_batch();
const std::string kGoldenTrace = "/api/traces/0102030405060708";

}  // namespace

TEST_CASE("it announces both addresses, on stdout and in the file, and both are ready") {
  const fixture::TemporaryFile ports;
  Collector collector({"--ports-file", ports.path()});
  const std::string lines = "collector: http://127.0.0.1:" + std::to_string(collector.port()) +
                            "/api/traces\nquery: http://127.0.0.1:" + std::to_string(collector.query_port()) + "/search\n" +
                            "agent: udp://127.0.0.1:" + std::to_string(collector.agent_port("thrift.compact")) + " thrift.compact\n" +
                            "agent: udp://127.0.0.1:" + std::to_string(collector.agent_port("thrift.binary")) + " thrift.binary\n" +
                            "otlp: http://127.0.0.1:" + std::to_string(collector.otlp_port()) + "/v1/traces\n";
  CHECK(collector.out() == lines);
  CHECK(fixture::post(collector.port(), kGolden).status == 202);
  CHECK(fixture::get(collector.query_port(), "/health").status == 200);
  CHECK(ports.content() == lines);
}

TEST_CASE("what is sent to one port is found on the other") {
  Collector collector;
  const fixture::Reply accepted = fixture::post(collector.port(), kGolden);
  CHECK(accepted.status == 202);
  CHECK(accepted.body.empty());
  CHECK(accepted.headers.at("connection") == "close");
  const fixture::Reply found = fixture::get(collector.query_port(), kGoldenTrace);
  CHECK(found.status == 200);
  CHECK(found.headers.at("content-type") == "application/json");
  CHECK(json::parse(found.body)["data"][0]["spans"][0]["tags"].size() == 4);
  CHECK(fixture::get(collector.query_port(), "/api/v3/traces/102030405060708").status == 200);
  CHECK(fixture::get(collector.query_port(), "/api/services").body.find("[\"svc\"]") != std::string::npos);
}

TEST_CASE("a datagram to an agent's port is found, and one that is none harms nobody") {
  Collector collector;
  fixture::send_datagram(collector.agent_port("thrift.compact"), "what?");
  fixture::send_datagram(collector.agent_port("thrift.binary"), std::string(65000, '\xff'));
  fixture::send_datagram(collector.agent_port("thrift.compact"), samples::golden_datagram());
  CHECK(fixture::eventually([&] { return fixture::get(collector.query_port(), kGoldenTrace).status == 200; }));
  fixture::send_datagram(collector.agent_port("thrift.binary"), samples::golden_binary_datagram());
  const auto is_there_twice = [&] { return fixture::get(collector.query_port(), "/health").body.find("\"duplicate_spans\":1") != std::string::npos; };
  CHECK(fixture::eventually(is_there_twice));
}

TEST_CASE("what is sent as OTLP is found, and what is none is refused with a reason") {
  Collector collector;
  const std::string as_json = "Content-Type: application/json\r\n", path = "/v1/traces";
  const std::string body = R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},)"
                           R"("scopeSpans":[{"spans":[{"traceId":"00000000000000000102030405060708","spanId":"00000000000000ff","name":"op",)"
                           R"("startTimeUnixNano":"1600000000000000000","endTimeUnixNano":"1600000000001000000"}]}]}]})";
  const fixture::Reply taken = fixture::post(collector.otlp_port(), body, as_json, path);
  CHECK(taken.status == 200);
  CHECK(taken.body == "{\"partialSuccess\":{}}");
  CHECK(fixture::get(collector.query_port(), kGoldenTrace).status == 200);
  CHECK(fixture::post(collector.otlp_port(), "{", as_json, path).status == 400);
  CHECK(fixture::post(collector.otlp_port(), "x", "Content-Type: application/x-protobuf\r\n", path).status == 400);
  CHECK(fixture::post(collector.otlp_port(), body, "Content-Type: text/plain\r\n", path).status == 415);
  CHECK(fixture::get(collector.otlp_port(), path).status == 405);
  CHECK(fixture::post(collector.otlp_port(), body, as_json, "/api/traces").status == 404);
}

TEST_CASE("an agent's port that is taken is done without, unless it was asked for; none is none") {
  Collector first;
  const std::string taken = std::to_string(first.agent_port("thrift.compact"));
  const fixture::Ended ended = fixture::run({"--port", "0", "--query-port", "0", "--agent-compact-port", taken});
  CHECK(ended.exit_code == 1);
  CHECK(ended.err.find("udp 127.0.0.1:" + taken + ": Address already in use") != std::string::npos);
  Collector without({"--agent-compact-port", "none", "--agent-binary-port", "none", "--otlp-port", "none"});
  CHECK(without.out().find("agent:") == std::string::npos);
  CHECK(without.out().find("otlp:") == std::string::npos);
}

TEST_CASE("paths and parameters may be escaped") {
  Collector collector;
  fixture::post(collector.port(), samples::batch_bytes({{.name = "读"}}, "a/b 测试"));
  CHECK(json::parse(fixture::get(collector.query_port(), "/api/services/a%2Fb%20%E6%B5%8B%E8%AF%95/operations").body)["data"] ==
        json{"读"});
  CHECK(json::parse(fixture::get(collector.query_port(), "/api/traces?service=a%2Fb+%E6%B5%8B%E8%AF%95").body)["data"].size() == 1);
}

TEST_CASE("pages carry headers that forbid scripts, and the root leads to the search") {
  Collector collector;
  fixture::post(collector.port(), kGolden);
  const fixture::Reply page = fixture::get(collector.query_port(), "/trace/0102030405060708");
  CHECK(page.status == 200);
  CHECK(page.headers.at("content-security-policy").starts_with("default-src 'none'"));
  CHECK(page.headers.at("x-content-type-options") == "nosniff");
  const fixture::Reply root = fixture::get(collector.query_port(), "/");
  CHECK(root.status == 302);
  CHECK(root.headers.at("location") == "/search");
}

TEST_CASE("other methods and paths get 405 without a body and 404") {
  Collector collector;
  const fixture::Reply refused = fixture::get(collector.port(), "/api/traces");
  CHECK(refused.status == 405);
  CHECK(refused.body.empty());
  CHECK(fixture::get(collector.port(), "/").body == "404 page not found\n");
  CHECK(fixture::ask(collector.port(), "PUT /api/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab").status == 405);
  CHECK(fixture::ask(collector.query_port(), "POST /api/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab").status == 405);
}

TEST_CASE("a trace is printed when it has been quiet, and again when a span is late") {
  Collector collector({"--quiet-period", "100ms"});
  fixture::post(collector.port(), samples::batch_bytes({{.id = 1, .name = "first"}}));
  CHECK(collector.wait_for_output("first"));
  fixture::post(collector.port(), samples::batch_bytes({{.id = 2, .parent = 1, .name = "second"}}));
  CHECK(collector.wait_for_output("└─ second"));
  CHECK(collector.wait_for_output("first", 2));
  CHECK(collector.out().find('\x1b') == std::string::npos);
}

TEST_CASE("what was not yet printed is printed at the end") {
  Collector collector({"--quiet-period", "1m"});
  fixture::post(collector.port(), kGolden);
  const fixture::Ended ended = collector.end(SIGTERM);
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.find("Trace 0102030405060708") != std::string::npos);
  CHECK(ended.err.empty());
}

TEST_CASE("quiet prints no trace") {
  Collector collector({"--quiet", "--quiet-period", "1ms"});
  fixture::post(collector.port(), kGolden);
  CHECK(collector.end(SIGINT).out.find("Trace") == std::string::npos);
}

TEST_CASE("a terminal gets colours and lines of its width") {
  Collector collector({"--quiet-period", "1ms"}, Reader::kTerminal);
  fixture::post(collector.port(), kGolden);
  CHECK(collector.wait_for_output("event=e"));
  CHECK(collector.out().find("\x1b[1mTrace") != std::string::npos);
  // 90 columns: margin, label, duration and blanks take 27, the last one stays free.
  CHECK(collector.wait_for_output("1.00 ms\x1b[0m\r\n"));
}

TEST_CASE("NO_COLOR and --color never keep a terminal plain, --color always paints a pipe") {
  const auto printed = [](std::vector<std::string> arguments, Reader reader, const std::map<std::string, std::string>& environment) {
    arguments.insert(arguments.end(), {"--quiet-period", "1ms"});
    Collector collector(arguments, reader, environment);
    fixture::post(collector.port(), kGolden);
    REQUIRE(collector.wait_for_output("event=e"));
    return collector.out();
  };
  CHECK(printed({}, Reader::kTerminal, {{"NO_COLOR", "1"}}).find('\x1b') == std::string::npos);
  CHECK(printed({"--color", "never"}, Reader::kTerminal, {}).find('\x1b') == std::string::npos);
  CHECK(printed({"--color", "always"}, Reader::kPipe, {}).find("\x1b[1m") != std::string::npos);
}

TEST_CASE("a locale without UTF-8 gets ASCII") {
  Collector collector({"--quiet-period", "1ms"}, Reader::kPipe, {{"LC_ALL", "C"}});
  fixture::post(collector.port(), kGolden);
  REQUIRE(collector.wait_for_output("event=e"));
  CHECK(collector.out().find("====") != std::string::npos);
  CHECK(std::all_of(collector.out().begin(), collector.out().end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

TEST_CASE("the file is valid from the start, follows while it runs and is complete at the end") {
  const fixture::TemporaryFile file;
  Collector collector({"--out", file.path(), "--quiet-period", "1ms"});
  CHECK(json::parse(file.content())["data"].empty());
  fixture::post(collector.port(), kGolden);
  CHECK(fixture::eventually([&] { return json::parse(file.content())["data"].size() == 1; }));
  fixture::post(collector.port(), samples::batch_bytes({{.trace_id = {0, 2}, .name = "second"}}));
  CHECK(fixture::eventually([&] { return json::parse(file.content())["data"].size() == 2; }));
  fixture::post(collector.port(), samples::batch_bytes({{.name = "last"}}));
  CHECK(collector.end(SIGTERM).exit_code == 0);
  const json written = json::parse(file.content());
  REQUIRE(written["data"].size() == 3);
  CHECK(written["data"][0]["spans"][0]["operationName"] == "last");
  CHECK(written["data"][2]["processes"]["p1"]["serviceName"] == "svc");
}

TEST_CASE("every signal that asks for the end gets it, with exit code 0") {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    Collector collector;
    const fixture::Ended ended = collector.end(signal);
    CHECK(ended.exit_code == 0);
    CHECK(ended.took < 5s);
  }
}

TEST_CASE("it ends although connections are open, idle and in the middle of a body") {
  Collector collector;
  std::vector<fixture::Connection> connections;
  for (int i = 0; i < 20; ++i) connections.emplace_back(collector.port());
  for (std::size_t i = 0; i < 5; ++i) {
    connections[i].send("POST /api/traces HTTP/1.1\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n\r\n");
    REQUIRE(connections[i].wait_for("100 Continue"));
    connections[i].send("abc");
  }
  connections.emplace_back(collector.query_port());
  const fixture::Ended ended = collector.end(SIGTERM);
  CHECK(ended.exit_code == 0);
  // Left alone, they would hold it until their time-out of five seconds.
  CHECK(ended.took < 3s);
}

TEST_CASE("it ends although nobody reads what it prints") {
  Collector collector({"--quiet-period", "1ms"}, Reader::kNobody);
  std::vector<samples::SpanSample> spans;
  for (std::uint64_t trace = 1; trace <= 2000; ++trace) spans.push_back({.trace_id = {0, trace}});
  REQUIRE(fixture::post(collector.port(), samples::batch_bytes(spans)).status == 202);
  const fixture::Ended ended = collector.end(SIGTERM);
  CHECK(ended.exit_code == 0);
  CHECK(ended.took < 5s);
}

TEST_CASE("a busy port is named, and the exit code is 1") {
  Collector collector;
  const std::string port = std::to_string(collector.port());
  const fixture::Ended ended = fixture::run({"--port", port, "--query-port", "0"});
  CHECK(ended.exit_code == 1);
  CHECK(ended.err.find("port " + port + ": Address already in use") != std::string::npos);
  const std::string query_port = std::to_string(collector.query_port());
  const fixture::Ended other = fixture::run({"--port", "0", "--query-port", query_port});
  CHECK(other.exit_code == 1);
  CHECK(other.err.find("port " + query_port) != std::string::npos);
}

TEST_CASE("a host or a file that cannot be used is named, and the exit code is 1") {
  const fixture::Ended host = fixture::run({"--host", "no such host", "--port", "0", "--query-port", "0"});
  CHECK(host.exit_code == 1);
  CHECK(host.err.find("'no such host'") != std::string::npos);
  const fixture::Ended file = fixture::run({"--out", "/no/such/folder/file", "--port", "0", "--query-port", "0"});
  CHECK(file.exit_code == 1);
  CHECK(file.err.find("/no/such/folder/file") != std::string::npos);
  const fixture::Ended ports = fixture::run({"--ports-file", "/no/such/folder/ports", "--port", "0", "--query-port", "0"});
  CHECK(ports.exit_code == 1);
  CHECK(ports.out.empty());
}

TEST_CASE("a file that cannot be written in between is no reason to stop") {
  const fixture::TemporaryFile file;
  Collector collector({"--out", file.path(), "--quiet-period", "1ms"});
  file.make_unwritable();
  fixture::post(collector.port(), kGolden);
  REQUIRE(collector.wait_for_output("event=e"));
  CHECK(fixture::get(collector.query_port(), kGoldenTrace).status == 200);
  const fixture::Ended ended = collector.end(SIGTERM);
  CHECK(ended.exit_code == 1);
  CHECK(ended.err.find(file.path()) != std::string::npos);
}

TEST_CASE("usage: help and version on stdout with 0, mistakes on stderr with 2") {
  CHECK(fixture::run({"--help"}).exit_code == 0);
  CHECK(fixture::run({"--help"}).out.find("--query-port") != std::string::npos);
  CHECK(fixture::run({"--version"}).out.starts_with("jtrace-collector "));
  const fixture::Ended mistake = fixture::run({"--port", "70000"});
  CHECK(mistake.exit_code == 2);
  CHECK(mistake.out.empty());
  CHECK(mistake.err.find("'70000'") != std::string::npos);
}
