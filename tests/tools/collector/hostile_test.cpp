// Covers the program jtrace-collector under what a careless or hostile client sends: odd framing, claims that cost
// memory, connections that say nothing.
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "fixture.h"
#include "samples.h"

using namespace std::chrono_literals;
using fixture::Collector;
using Clock = std::chrono::steady_clock;

namespace {

const std::string kGolden = samples::golden_batch();
const std::string kThrift = "Content-Type: application/x-thrift\r\n";
constexpr std::size_t kMiB = 1 << 20;

std::string hex(std::size_t number) {
  std::string digits;
  for (; number > 0; number /= 16) digits.insert(digits.begin(), "0123456789abcdef"[number % 16]);
  return digits;
}

// gzip of the golden batch, stored rather than compressed: a header, one stored block, checksum and size.
std::string gzip_of_golden() {
  std::uint32_t crc = 0xffffffff;
  for (char byte : kGolden) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  crc = ~crc;
  const auto size = static_cast<std::uint32_t>(kGolden.size());
  std::string bytes = samples::from_hex("1f8b0800000000000003 01");
  const auto little = [&](std::uint32_t number, int count) {
    for (int i = 0; i < count; ++i) bytes += static_cast<char>(number >> (8 * i));
  };
  little(size, 2);
  little(~size, 2);
  bytes += kGolden;
  little(crc, 4);
  little(size, 4);
  return bytes;
}

}  // namespace

TEST_CASE("a body in chunks is as good as one with a length") {
  Collector collector;
  std::string request = "POST /api/traces HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + kThrift + "\r\n";
  for (std::size_t at = 0; at < kGolden.size(); at += 100) {
    const std::string piece = kGolden.substr(at, 100);
    request += hex(piece.size()) + "\r\n" + piece + "\r\n";
  }
  CHECK(fixture::ask(collector.port(), request + "0\r\n\r\n").status == 202);
}

TEST_CASE("a request without length and chunks has an empty body and is answered at once") {
  Collector collector;
  const auto begin = Clock::now();
  const fixture::Reply reply = fixture::ask(collector.port(), "POST /api/traces HTTP/1.1\r\nHost: x\r\n" + kThrift + "\r\n");
  CHECK(reply.body == "Unable to process request body: *jaeger.Batch field 0 read error: EOF\n");
  CHECK(Clock::now() - begin < 3s);
}

TEST_CASE("a large body without a content type is told so, not that it is large") {
  Collector collector;
  const fixture::Reply reply = fixture::post(collector.port(), std::string(100'000, 'x'), "");
  CHECK(reply.status == 400);
  CHECK(reply.body == "Cannot parse content type: mime: no media type\n");
}

TEST_CASE("a form of many parts is refused for its type") {
  Collector collector;
  CHECK(fixture::post(collector.port(), "--b\r\n\r\n--b--\r\n", "Content-Type: multipart/form-data; boundary=b\r\n").body ==
        "Unsupported content type: multipart/form-data\n");
}

TEST_CASE("gzip is undone, damaged gzip and other encodings are refused") {
  Collector collector;
  const std::string gzip = kThrift + "Content-Encoding: gzip\r\n";
  CHECK(fixture::post(collector.port(), gzip_of_golden(), gzip).status == 202);
  CHECK(fixture::post(collector.port(), "no gzip at all", gzip).status >= 400);
  CHECK(fixture::post(collector.port(), kGolden, kThrift + "Content-Encoding: zstd\r\n").body ==
        "unsupported Content-Encoding: zstd\n");
}

TEST_CASE("a body over the limit gets 500, below it 202") {
  Collector collector({"--max-body", "1MiB"});
  CHECK(fixture::post(collector.port(), kGolden + std::string(kMiB - kGolden.size(), '\0')).status == 202);
  const fixture::Reply reply = fixture::post(collector.port(), kGolden + std::string(kMiB, '\0'));
  CHECK(reply.status == 500);
  CHECK(reply.body == "Unable to process request body: http: request body too large\n");
}

TEST_CASE("claims that the bytes cannot keep get 400 and cost no memory") {
  Collector collector;
  REQUIRE(fixture::post(collector.port(), kGolden).status == 202);
  const std::size_t before = collector.peak_bytes();
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += samples::from_hex("0c0063");
  const std::vector<std::string> bodies = {
      samples::from_hex("0f00020c 7fffffff"),                                // 2^31 spans
      samples::from_hex("0f00020c 05f5e100") + std::string(100'000, '\0'),  // 10^8 spans of a byte each
      samples::from_hex("0f00020c 001e8480") + std::string(2'000'000, '\0'),  // 2 million, all there
      samples::from_hex("0c00010b0001 7fffffff"),                            // a name of 2 GiB
      samples::from_hex("0c00010b0001 06000000") + "short",
      samples::from_hex("0d00630b0b 06000000"),                              // a map of 10^8 pairs
      samples::from_hex("0c00010b0001 00000001 73 0f00020c 06000000") + std::string(10'000, '\0'),
      deep,
      kGolden.substr(0, kGolden.size() - 3),
  };
  for (const std::string& body : bodies) CHECK(fixture::post(collector.port(), body).status == 400);
  CHECK(collector.peak_bytes() - before < 32 * kMiB);
  CHECK(fixture::post(collector.port(), kGolden).status == 202);
}

TEST_CASE("a POST is answered within a second while 200 connections are idle") {
  Collector collector;
  std::vector<fixture::Connection> idle;
  for (int i = 0; i < 200; ++i) idle.emplace_back(collector.port());
  const auto begin = Clock::now();
  CHECK(fixture::post(collector.port(), kGolden).status == 202);
  CHECK(Clock::now() - begin < 1s);
}

TEST_CASE("odd requests get an answer or an end, and the next client is served") {
  Collector collector;
  const std::string ranges = [] {
    std::string text = "bytes=0-0";
    for (int i = 0; i < 1500; ++i) text += ",0-0";
    return text;
  }();
  CHECK(fixture::ask(collector.query_port(), "GET /search HTTP/1.1\r\nHost: x\r\nRange: " + ranges + "\r\n\r\n").status == 200);
  fixture::ask(collector.query_port(), "GET /" + std::string(8000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n");
  fixture::ask(collector.query_port(), std::string("\0\1\2\xff\r\n\r\n", 8));
  CHECK(fixture::ask(collector.port(), "POST /api/traces HTTP/1.1\r\nContent-Length: -5\r\n\r\nabc").status == 400);
  CHECK(fixture::ask(collector.port(), "POST /api/traces HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\nabc").status == 500);
  fixture::ask(collector.query_port(), "GET /api/traces?service=%zz%00&tag=%ff:%fe HTTP/1.1\r\nHost: x\r\n\r\n");
  fixture::ask(collector.query_port(), "GET /trace/%3Cscript%3E HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(fixture::get(collector.query_port(), "/health").status == 200);
  CHECK(fixture::post(collector.port(), kGolden).status == 202);
}

TEST_CASE("a client that goes away before its answer does no harm") {
  Collector collector;
  for (int i = 0; i < 20; ++i) {
    fixture::Connection(collector.query_port()).send("GET /search HTTP/1.1\r\nHost: x\r\n\r\n");
    fixture::Connection(collector.port()).send("POST /api/traces HTTP/1.1\r\nContent-Length: 1000\r\n\r\nabc");
  }
  CHECK(fixture::post(collector.port(), kGolden).status == 202);
  CHECK(collector.end(SIGTERM).exit_code == 0);
}

TEST_CASE("the cap holds while more traces come than it can keep") {
  Collector collector({"--quiet", "--max-memory", "1MiB"});
  for (std::uint64_t batch = 0; batch < 20; ++batch) {
    std::vector<samples::SpanSample> spans;
    for (std::uint64_t i = 1; i <= 100; ++i) {
      spans.push_back({.trace_id = {0, batch * 1000 + i}, .tags = {{"k", std::string(2000, 'x')}}});
    }
    REQUIRE(fixture::post(collector.port(), samples::batch_bytes(spans)).status == 202);
  }
  CHECK(fixture::get(collector.query_port(), "/api/traces/1").status == 404);
  CHECK(fixture::get(collector.query_port(), "/api/traces/" + hex(19 * 1000 + 100)).status == 200);
  CHECK(collector.end(SIGTERM).err.find("--max-memory is reached") != std::string::npos);
}

// A breach would show as a missing span or, under TSan, as a report of the collector's.
TEST_CASE("senders and readers at the same time lose nothing") {
  Collector collector({"--quiet-period", "1ms"});
  std::vector<std::thread> threads;
  for (std::uint64_t sender = 1; sender <= 4; ++sender) {
    threads.emplace_back([&, sender] {
      for (std::uint64_t i = 1; i <= 25; ++i) {
        fixture::post(collector.port(), samples::batch_bytes({{.trace_id = {0, sender}, .id = i}}));
        fixture::get(collector.query_port(), "/api/traces/" + hex(sender));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(fixture::get(collector.query_port(), "/health").body.find("\"spans\":100,") != std::string::npos);
  CHECK(collector.end(SIGTERM).exit_code == 0);
}
