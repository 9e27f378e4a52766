// gzip as an opt-in: what is sent is what was recorded, packed; and nothing is, unless a configuration asks for it.
#include <doctest/doctest.h>
#include <zlib.h>

#include <chrono>
#include <string>

#include "jtrace/jtrace.h"
#include "support/batch.h"
#include "support/http_server.h"

namespace {

using support::HttpServer;
using namespace std::chrono_literals;

std::string unpacked(const std::string& packed) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);  // gzip, and nothing else
  std::string body(8 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(body.data());
  stream.avail_out = static_cast<uInt>(body.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  CHECK(stream.avail_in == 0);
  body.resize(stream.total_out);
  inflateEnd(&stream);
  return body;
}

}  // namespace

TEST_CASE("with gzip every batch is sent packed, one after the other, and is whole") {
  const HttpServer server;
  auto made = jtrace::make_tracer({.service_name = "packed",
                                   .endpoint = server.endpoint(),
                                   .headers = {{"X-Own", "1"}},
                                   .compression = "gzip",
                                   .flush_interval = 1h,
                                   .max_batch_bytes = 64 << 10});
  REQUIRE(made.has_value());
  for (int i = 0; i < 2000; ++i) made->start_span("span " + std::to_string(i), {.tags = {{"i", i}}}).finish();
  CHECK(made->flush(30s));
  CHECK(made->close(30s));
  std::size_t spans = 0, sent = 0, meant = 0;
  const auto requests = server.requests();
  CHECK(requests.size() > 1);
  for (const support::Request& request : requests) {
    CHECK(request.count("Content-Encoding") == 1);
    CHECK(request.header("Content-Encoding") == "gzip");
    CHECK(request.header("Content-Length") == std::to_string(request.body.size()));
    CHECK(request.header("Content-Type") == "application/x-thrift");
    CHECK(request.header("X-Own") == "1");
    const std::string body = unpacked(request.body);
    spans += support::decode_batch(body).spans.size();
    sent += request.body.size();
    meant += body.size();
  }
  CHECK(spans == 2000);
  CHECK(sent * 2 < meant);
  CHECK(made->stats().acknowledged == 2000);
}

TEST_CASE("a body of random bytes, which gzip makes larger, arrives as well") {
  const HttpServer server;
  auto made = jtrace::make_tracer({.endpoint = server.endpoint(), .compression = "gzip", .flush_interval = 1h});
  REQUIRE(made.has_value());
  std::string noise(60'000, '\0');
  unsigned state = 1;
  for (char& byte : noise) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (int i = 0; i < 17; ++i)
    made->start_span("noise", {.tags = {{"noise", jtrace::bytes(noise.data(), noise.size())}}}).finish();
  CHECK(made->flush(30s));
  CHECK(made->close(30s));
  CHECK(made->stats().acknowledged == 17);
  for (const support::Request& request : server.requests())
    CHECK(support::decode_batch(unpacked(request.body)).spans.size() >= 1);
}

TEST_CASE("without being asked for, nothing is packed") {
  const HttpServer server;
  for (const char* compression : {"", "none"}) {
    auto made = jtrace::make_tracer({.endpoint = server.endpoint(), .compression = compression, .flush_interval = 1h});
    REQUIRE(made.has_value());
    made->start_span("plain").finish();
    CHECK(made->flush(30s));
    CHECK(made->close(30s));
    CHECK(server.requests().back().count("Content-Encoding") == 0);
    CHECK(support::decode_batch(server.requests().back().body).spans.size() == 1);
  }
}
