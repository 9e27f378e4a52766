// jtrace/integrations/curl.h against a real server: what arrives there, and the span that comes of it.
#include "jtrace/integrations/curl.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jtrace/testing.h"
#include "support/black_hole.h"
#include "support/http_server.h"

namespace {

using jtrace::testing::RecordedSpan;

struct Headers {
  Headers(std::initializer_list<const char*> lines) {
    for (const char* line : lines) list = curl_slist_append(list, line);
  }
  ~Headers() { curl_slist_free_all(list); }
  curl_slist* list = nullptr;
};

struct Handle {
  explicit Handle(const std::string& url) {
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, +[](char*, std::size_t, std::size_t size, void*) { return size; });
  }
  ~Handle() { curl_easy_cleanup(curl); }
  CURL* curl = curl_easy_init();
};

const jtrace::testing::RecordedLog* find_log(const RecordedSpan& span, std::string_view event) {
  for (const auto& log : span.logs) {
    if (const auto* value = log.field("event"); value && value->as_text() == event) return &log;
  }
  return nullptr;
}

std::string traceparent_of(const RecordedSpan& span) {
  return "00-" + span.context.trace_id().hex().str() + "-" + span.context.span_id().hex().str();
}

struct Fixture {
  Fixture() { server.answers(200); }
  const RecordedSpan& only_span() {
    REQUIRE(recorder.spans().size() == 1);
    return recorder.spans()[0];
  }
  jtrace::testing::Recorder recorder;
  support::HttpServer server;
};

// Runs until so many transfers are done.
void run(jtrace::CurlMulti& traced, CURLM* multi, int wanted) {
  for (int running = 0; wanted > 0;) {
    REQUIRE(curl_multi_perform(multi, &running) == CURLM_OK);
    int left = 0;
    while (traced.info_read(&left)) --wanted;
    if (wanted > 0) REQUIRE(curl_multi_poll(multi, nullptr, 0, 1000, nullptr) == CURLM_OK);
  }
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a transfer is a child span of kind client, and its context arrives in the headers") {
  Handle handle(server.url("/orders?id=1"));
  {
    auto order = jtrace::start_active_span("order");
    CHECK(jtrace::curl_perform(handle.curl, nullptr) == CURLE_OK);
  }
  CHECK(recorder.tree() == "order\n  HTTP GET\n");
  const RecordedSpan& span = recorder.span("HTTP GET");
  CHECK(span.has_tag("span.kind", "client"));
  CHECK(span.has_tag("component", "libcurl"));
  CHECK(span.has_tag("http.method", "GET"));
  CHECK(span.has_tag("http.url", server.url("/orders?id=1")));
  CHECK(span.has_tag("http.status_code", 200));
  CHECK(span.has_tag("peer.address", server.host_and_port()));
  CHECK(server.requests()[0].header("traceparent").starts_with(traceparent_of(span)));
  CHECK(server.requests()[0].header("uber-trace-id") != "");
}

TEST_CASE_FIXTURE(Fixture, "the handle's own headers go along, and are its headers again afterwards") {
  Handle handle(server.url("/"));
  const Headers own{"X-One: 1", "X-Empty;", "TraceParent: mine"};
  curl_easy_setopt(handle.curl, CURLOPT_HTTPHEADER, own.list);
  jtrace::curl_perform(handle.curl, own.list);
  CHECK(curl_easy_perform(handle.curl) == CURLE_OK);

  const auto requests = server.requests();
  CHECK(requests[0].header("X-One") == "1");
  CHECK(requests[0].count("X-Empty") == 1);
  CHECK(requests[0].count("traceparent") == 1);
  CHECK(requests[0].header("traceparent").starts_with(traceparent_of(only_span())));
  CHECK(requests[1].header("X-One") == "1");
  CHECK(requests[1].header("traceparent") == "mine");
  CHECK(requests[1].count("uber-trace-id") == 0);
}

TEST_CASE_FIXTURE(Fixture, "user and password are in no tag") {
  Handle handle("http://robin:secret@" + server.host_and_port() + "/a");
  jtrace::curl_perform(handle.curl, nullptr);
  CHECK(only_span().has_tag("http.url", server.url("/a")));
  CHECK(server.requests()[0].header("Authorization").starts_with("Basic "));
}

TEST_CASE_FIXTURE(Fixture, "it is an error from status 500 on, and none below") {
  for (const auto& [status, is_error] : std::vector<std::pair<int, bool>>{{404, false}, {499, false}, {500, true}, {503, true}}) {
    CAPTURE(status);
    recorder.clear();
    server.answers(status);
    Handle handle(server.url("/"));
    CHECK(jtrace::curl_perform(handle.curl, nullptr) == CURLE_OK);
    CHECK(only_span().is_error() == is_error);
    CHECK(only_span().has_tag("http.status_code", status));
  }
}

TEST_CASE_FIXTURE(Fixture, "a transfer that fails is an error, with libcurl's words for it and no status") {
  Handle handle(support::refusing_endpoint());
  CHECK(jtrace::curl_perform(handle.curl, nullptr) == CURLE_COULDNT_CONNECT);
  CHECK(only_span().is_error());
  CHECK(only_span().tag("http.status_code") == nullptr);
  const auto* log = find_log(only_span(), "error");
  REQUIRE(log);
  CHECK(log->field("message")->as_text() == curl_easy_strerror(CURLE_COULDNT_CONNECT));
}

TEST_CASE_FIXTURE(Fixture, "the moments of a transfer are logs within its span; of a connection that stood, only the first byte") {
  Handle handle(server.url("/"));
  jtrace::curl_perform(handle.curl, nullptr);
  jtrace::curl_perform(handle.curl, nullptr);
  REQUIRE(recorder.spans().size() == 2);
  const RecordedSpan& first = recorder.spans()[0];
  jtrace::Timestamp before = first.start;
  for (const char* event : {"dns", "connect", "first_byte"}) {
    CAPTURE(event);
    const auto* log = find_log(first, event);
    REQUIRE(log);
    CHECK(log->field("microseconds")->as_integer() > 0);
    CHECK(log->time >= before);
    before = log->time;
  }
  CHECK(before <= first.start + first.duration + std::chrono::microseconds(100));
  CHECK(find_log(first, "tls") == nullptr);
  CHECK(find_log(recorder.spans()[1], "connect") == nullptr);
  CHECK(find_log(recorder.spans()[1], "first_byte") != nullptr);
}

TEST_CASE_FIXTURE(Fixture, "a redirection keeps the URL that was asked for, and logs where it led") {
  server.answers_next({.status = 302, .body = {}, .headers = {{"Location", "/there"}}});
  Handle handle(server.url("/here"));
  curl_easy_setopt(handle.curl, CURLOPT_FOLLOWLOCATION, 1L);
  jtrace::curl_perform(handle.curl, nullptr);
  CHECK(only_span().has_tag("http.url", server.url("/here")));
  const auto* log = find_log(only_span(), "redirected");
  REQUIRE(log);
  CHECK(log->field("http.url")->as_text() == server.url("/there"));
}

TEST_CASE_FIXTURE(Fixture, "name, parent and tags are as one says, and the method is what was sent") {
  Handle handle(server.url("/"));
  curl_easy_setopt(handle.curl, CURLOPT_POSTFIELDS, "x");
  auto parent = jtrace::start_span("parent");
  jtrace::curl_perform(handle.curl, nullptr, {.operation_name = "pay", .child_of = parent, .tags = {{"attempt", 2}}});
  CHECK(recorder.span("pay").has_tag("http.method", "POST"));
  CHECK(recorder.span("pay").has_tag("attempt", 2));
  CHECK(recorder.span("pay").parent == parent.context().span_id());
}

TEST_CASE_FIXTURE(Fixture, "what a callback of libcurl starts is below the transfer") {
  server.answers({.status = 200, .body = "body", .headers = {}});
  Handle handle(server.url("/"));
  curl_easy_setopt(handle.curl, CURLOPT_WRITEFUNCTION, +[](char*, std::size_t, std::size_t size, void*) {
    auto part = jtrace::start_active_span("part");
    return size;
  });
  jtrace::curl_perform(handle.curl, nullptr);
  CHECK(recorder.tree() == "HTTP GET\n  part\n");
}

TEST_CASE_FIXTURE(Fixture, "a trace that is not kept is not kept on the other side either") {
  recorder.sample(false);
  Handle handle(server.url("/"));
  jtrace::curl_perform(handle.curl, nullptr);
  CHECK(recorder.spans().empty());
  CHECK(server.requests()[0].header("uber-trace-id").ends_with(":0"));
}

TEST_CASE("with tracing off a request is as it would be without") {
  support::HttpServer server({.status = 200, .body = {}, .headers = {}});
  Handle handle(server.url("/"));
  const Headers own{"X-One: 1"};
  curl_easy_setopt(handle.curl, CURLOPT_HTTPHEADER, own.list);
  CHECK(jtrace::curl_perform(handle.curl, own.list) == CURLE_OK);
  CHECK(server.requests()[0].header("X-One") == "1");
  CHECK(server.requests()[0].count("traceparent") == 0);
}

TEST_CASE_FIXTURE(Fixture, "transfers of a multi handle have a span each, which ends when its own is done") {
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(), curl_multi_cleanup);
  Handle good(server.url("/good")), bad(support::refusing_endpoint());
  const Headers own{"X-One: 1"};
  {
    jtrace::CurlMulti traced(multi.get());
    auto order = jtrace::start_active_span("order");
    CHECK(traced.add_handle(good.curl, own.list, {.operation_name = "good"}) == CURLM_OK);
    CHECK(traced.add_handle(bad.curl, nullptr, {.operation_name = "bad"}) == CURLM_OK);
    CHECK(traced.add_handle(bad.curl, nullptr) == CURLM_ADDED_ALREADY);
    traced.span(good.curl).set_tag("mine", true);
    run(traced, multi.get(), 2);
    CHECK(recorder.spans().size() == 2);
    CHECK(traced.remove_handle(good.curl) == CURLM_OK);
    CHECK(traced.remove_handle(bad.curl) == CURLM_OK);
  }
  CHECK(recorder.tree() == "order\n  good\n  bad !\n");
  CHECK(recorder.span("good").has_tag("http.status_code", 200));
  CHECK(recorder.span("good").has_tag("mine", true));
  CHECK(server.requests()[0].header("X-One") == "1");
  CHECK(server.requests()[0].header("traceparent").starts_with(traceparent_of(recorder.span("good"))));
}

TEST_CASE_FIXTURE(Fixture, "what is done is the multi handle's own: it may be removed there, freed, and added again") {
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(), curl_multi_cleanup);
  jtrace::CurlMulti traced(multi.get());
  Handle kept(server.url("/"));
  {
    Handle freed(server.url("/"));
    CHECK(traced.add_handle(freed.curl, nullptr, {.operation_name = "freed"}) == CURLM_OK);
    CHECK(traced.add_handle(kept.curl, nullptr, {.operation_name = "first"}) == CURLM_OK);
    run(traced, multi.get(), 2);
    CHECK_FALSE(traced.span(freed.curl));
    CHECK(curl_multi_remove_handle(multi.get(), freed.curl) == CURLM_OK);
  }
  CHECK(traced.add_handle(kept.curl, nullptr, {.operation_name = "refused"}) != CURLM_OK);  // libcurl still has it
  CHECK(curl_multi_remove_handle(multi.get(), kept.curl) == CURLM_OK);
  CHECK(traced.add_handle(kept.curl, nullptr, {.operation_name = "second"}) == CURLM_OK);
  run(traced, multi.get(), 1);
  CHECK(recorder.spans().size() == 4);
  CHECK(recorder.span("refused").is_error());
  CHECK(recorder.span("refused").tag("http.status_code") == nullptr);
  CHECK(recorder.span("second").has_tag("http.status_code", 200));
  CHECK(traced.remove_handle(kept.curl) == CURLM_OK);
}

TEST_CASE_FIXTURE(Fixture, "transfers of a multi handle log their moments, too") {
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(), curl_multi_cleanup);
  Handle handle("http://robin:secret@" + server.host_and_port() + "/");
  jtrace::CurlMulti traced(multi.get());
  traced.add_handle(handle.curl, nullptr);
  run(traced, multi.get(), 1);
  traced.remove_handle(handle.curl);
  CHECK(only_span().name == "HTTP GET");
  CHECK(only_span().has_tag("http.url", server.url("/")));
  for (const char* event : {"dns", "connect", "first_byte"}) {
    CAPTURE(event);
    CHECK(find_log(only_span(), event) != nullptr);
  }
}

TEST_CASE_FIXTURE(Fixture, "a transfer that is removed, or left behind, before its end is given up, which is an error") {
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(), curl_multi_cleanup);
  server.answers({.status = 200, .body = {}, .headers = {}, .manner = support::Answer::Manner::held});
  Handle removed(server.url("/")), left_behind(server.url("/"));
  {
    jtrace::CurlMulti traced(multi.get());
    traced.add_handle(removed.curl, nullptr, {.operation_name = "removed"});
    traced.add_handle(left_behind.curl, nullptr, {.operation_name = "left behind"});
    int running = 0;
    curl_multi_perform(multi.get(), &running);
    CHECK(traced.remove_handle(removed.curl) == CURLM_OK);
    CHECK(recorder.spans().size() == 1);
  }
  CHECK(recorder.tree() == "removed !\nleft behind !\n");
  server.let_go();
  server.answers(200);
  curl_easy_perform(left_behind.curl);
  CHECK(server.requests().back().count("traceparent") == 0);
}
