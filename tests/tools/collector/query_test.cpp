// Covers tools/jtrace-collector/query.h, query_params.h, search.h, json_ui.h, json_otlp.h, otlp_status.h, pretty.h and
// page.h: what is asked on the query port and what is answered, without sockets.
#include "query.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "query_params.h"
#include "samples.h"

using namespace jtrace::collector;
using nlohmann::json;
using samples::kStart;
using samples::SpanSample;

namespace {

// A store with what the test sent, and the query service on top of it.
struct Desk {
  void send(const SpanSample& sample, const std::string& service = "svc") {
    store.add({samples::to_span(sample, service)}, {});
  }
  HttpResponse get(const std::string& path, const Parameters& parameters = {}) {
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    request.parameters = parameters;
    return query.handle(request);
  }
  json data(const std::string& path, const Parameters& parameters = {}) {
    const HttpResponse response = get(path, parameters);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    return json::parse(response.body).at("data");
  }
  std::string refusal(const std::string& path, const Parameters& parameters = {}) {
    const HttpResponse response = get(path, parameters);
    CHECK(response.status == 400);
    return json::parse(response.body).at("errors").at(0).at("msg");
  }
  std::size_t found(Parameters parameters) {
    parameters.emplace_back("service", "svc");
    return data("/api/traces", parameters).size();
  }

  Store store{100 << 20};
  Query query{store};
};

const std::string kId = "0000000000000abc";

json otlp_span(Desk& desk) {
  const json answer = json::parse(desk.get("/api/v3/traces/" + kId).body);
  return answer.at("result").at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0);
}

}  // namespace

TEST_CASE("a trace has the form of Jaeger's UI JSON") {
  Desk desk;
  desk.send({.id = 0xff, .parent = 7, .name = "op", .tags = {{"k", "v"}}, .logs = {{kStart + 5, {{"event", "e"}}}}});
  const json expected = json::parse(R"({"data":[{"traceID":"0000000000000abc","spans":[{"traceID":"0000000000000abc",
    "spanID":"00000000000000ff","flags":1,"operationName":"op",
    "references":[{"refType":"CHILD_OF","traceID":"0000000000000abc","spanID":"0000000000000007"}],
    "startTime":1600000000000000,"duration":1000,"tags":[{"key":"k","type":"string","value":"v"}],
    "logs":[{"timestamp":1600000000000005,"fields":[{"key":"event","type":"string","value":"e"}]}],
    "processID":"p1","warnings":null}],"processes":{"p1":{"serviceName":"svc","tags":[]}},"warnings":null}],
    "total":0,"limit":0,"offset":0,"errors":null})");
  const HttpResponse response = desk.get("/api/traces/" + kId);
  CHECK(response.content_type == "application/json");
  CHECK(json::parse(response.body) == expected);
}

TEST_CASE("every type of value keeps its type, whole numbers beyond 2^53 become strings") {
  Desk desk;
  desk.send({.tags = {{"safe", (std::int64_t{1} << 53) - 1},
                      {"large", std::int64_t{1} << 53},
                      {"least", INT64_MIN},
                      {"float", 0.1},
                      {"yes", true},
                      {"bytes", Binary{std::string("\0\1\2", 3)}},
                      {"text", "测\xff"}}});
  const json tags = desk.data("/api/traces/" + kId)[0]["spans"][0]["tags"];
  CHECK(tags[0] == json::parse(R"({"key":"safe","type":"int64","value":9007199254740991})"));
  CHECK(tags[1] == json::parse(R"({"key":"large","type":"int64","value":"9007199254740992"})"));
  CHECK(tags[2] == json::parse(R"({"key":"least","type":"int64","value":"-9223372036854775808"})"));
  CHECK(tags[3] == json::parse(R"({"key":"float","type":"float64","value":0.1})"));
  CHECK(tags[4] == json::parse(R"({"key":"yes","type":"bool","value":true})"));
  CHECK(tags[5] == json::parse(R"({"key":"bytes","type":"binary","value":"AAEC"})"));
  CHECK(tags[6]["value"] == "测\xef\xbf\xbd");
}

TEST_CASE("equal processes share one name, flags of 0 are left out") {
  Desk desk;
  desk.send({.id = 1, .flags = 0}, "one");
  desk.send({.id = 2, .after = 1}, "two");
  desk.send({.id = 3, .after = 2}, "one");
  const json trace = desk.data("/api/traces/" + kId)[0];
  CHECK(trace["processes"].size() == 2);
  CHECK(trace["spans"][0]["processID"] == trace["spans"][2]["processID"]);
  CHECK_FALSE(trace["spans"][0].contains("flags"));
}

TEST_CASE("a trace is found by its id in every spelling, and not by half of it") {
  Desk desk;
  desk.send({.trace_id = {0xa, 0xb}});
  CHECK(desk.get("/api/traces/000000000000000a000000000000000b").status == 200);
  CHECK(desk.get("/api/traces/A000000000000000B").status == 200);
  CHECK(desk.get("/api/v3/traces/a000000000000000b").status == 200);
  CHECK(desk.get("/trace/a000000000000000b").status == 200);
  CHECK(desk.get("/api/traces/b").status == 404);
  CHECK(desk.get("/api/traces/xyz").status == 400);
}

TEST_CASE("what is missing is told in the form of the API that was asked") {
  Desk desk;
  CHECK(desk.get("/api/traces/1").body ==
        "{\"data\":null,\"total\":0,\"limit\":0,\"offset\":0,\"errors\":[{\"code\":404,\"msg\":\"trace not found\"}]}\n");
  CHECK(desk.get("/api/v3/traces/1").body == "{\"error\":{\"httpCode\":404,\"message\":\"No traces found\"}}\n");
  CHECK(desk.get("/trace/1").status == 404);
  CHECK(desk.get("/trace/1").content_type == "text/html; charset=utf-8");
  CHECK(desk.get("/other").body == "404 page not found\n");
}

TEST_CASE("services and operations are listed") {
  Desk desk;
  desk.send({.id = 1, .name = "get", .tags = {{"span.kind", "server"}}}, "a/b c");
  desk.send({.id = 2, .name = "get"}, "a/b c");
  CHECK(desk.data("/api/services") == json{"a/b c"});
  CHECK(desk.data("/api/services/a/b c/operations") == json{"get"});
  CHECK(desk.data("/api/operations", {{"service", "a/b c"}}).size() == 2);
  CHECK(desk.data("/api/operations", {{"service", "a/b c"}, {"spanKind", "server"}}) ==
        json::parse(R"([{"name":"get","spanKind":"server"}])"));
  CHECK(desk.refusal("/api/operations") == "parameter 'service' is required");
  CHECK(json::parse(desk.get("/api/v3/services").body) == json::parse(R"({"services":["a/b c"]})"));
  CHECK(json::parse(desk.get("/api/v3/operations", {{"service", "a/b c"}}).body) ==
        json::parse(R"({"operations":[{"name":"get"},{"name":"get","spanKind":"server"}]})"));
}

TEST_CASE("a search finds traces of which one span meets every condition") {
  Desk desk;
  desk.send({.name = "op", .duration = 5000, .tags = {{"n", std::int64_t{7}}, {"t", true}}, .logs = {{kStart, {{"event", "e"}}}}});
  CHECK(desk.found({}) == 1);
  CHECK(desk.found({{"operation", "op"}}) == 1);
  CHECK(desk.found({{"operation", "other"}}) == 0);
  CHECK(desk.found({{"tag", "n:7"}, {"tag", "t:true"}}) == 1);
  CHECK(desk.found({{"tag", "n:8"}}) == 0);
  CHECK(desk.found({{"tags", R"({"event":"e"})"}}) == 1);
  CHECK(desk.found({{"minDuration", "5ms"}}) == 1);
  CHECK(desk.found({{"minDuration", "5.1ms"}}) == 0);
  CHECK(desk.found({{"maxDuration", "4999us"}}) == 0);
  CHECK(desk.found({{"start", std::to_string(kStart)}, {"end", std::to_string(kStart)}}) == 1);
  CHECK(desk.found({{"start", std::to_string(kStart + 1)}}) == 0);
  CHECK(desk.data("/api/traces", {{"service", "nobody"}}).empty());
}

TEST_CASE("a search returns the latest traces first, as many as the limit says") {
  Desk desk;
  for (std::uint64_t trace = 1; trace <= 5; ++trace) desk.send({.trace_id = {0, trace}});
  const json found = desk.data("/api/traces", {{"service", "svc"}, {"limit", "2"}});
  REQUIRE(found.size() == 2);
  CHECK(found[0]["traceID"] == "0000000000000005");
}

TEST_CASE("a search by ids returns those that are there and names the others") {
  Desk desk;
  desk.send({});
  const json answer = json::parse(desk.get("/api/traces", {{"traceID", "abc"}, {"traceID", "1"}}).body);
  CHECK(answer["data"].size() == 1);
  CHECK(answer["errors"] == json::parse(R"([{"msg":"trace not found","traceID":"0000000000000001"}])"));
}

TEST_CASE("parameters that are not understood are refused with the words of Jaeger") {
  Desk desk;
  const auto refusal = [&](const std::string& name, const std::string& value) {
    return desk.refusal("/api/traces", {{"service", "svc"}, {name, value}});
  };
  CHECK(desk.refusal("/api/traces") == "parameter 'service' is required");
  CHECK(refusal("limit", "x") == "strconv.ParseInt: parsing \"x\": invalid syntax");
  CHECK(refusal("limit", "99999999999") == "strconv.ParseInt: parsing \"99999999999\": value out of range");
  CHECK(refusal("start", "1e5") == "unable to parse param 'start': strconv.ParseInt: parsing \"1e5\": invalid syntax");
  CHECK(refusal("minDuration", "5") == "unable to parse param 'minDuration': time: missing unit in duration \"5\"");
  CHECK(refusal("minDuration", "x") == "unable to parse param 'minDuration': time: invalid duration \"x\"");
  CHECK(refusal("maxDuration", "1q") == "unable to parse param 'maxDuration': time: unknown unit \"q\" in duration \"1q\"");
  CHECK(refusal("tag", "a") == "malformed 'tag' parameter, expecting key:value, received: a");
  CHECK(refusal("tags", "{").starts_with("malformed 'tags' parameter, cannot unmarshal JSON: "));
  CHECK(refusal("tags", "{\"a\":1}").starts_with("malformed 'tags' parameter, cannot unmarshal JSON: "));
  CHECK(refusal("tags", std::string(100'000, '[')).starts_with("malformed 'tags' parameter"));
  CHECK(refusal("traceID", "zz").starts_with("cannot parse traceID param: "));
  CHECK(refusal("raw", "maybe").starts_with("unable to parse param 'raw': "));
  CHECK(desk.refusal("/api/traces", {{"service", "s"}, {"minDuration", "2s"}, {"maxDuration", "1s"}}) ==
        "'maxDuration' should be greater than 'minDuration'");
  CHECK(desk.get("/search", {{"minDuration", "x"}}).status == 400);
}

TEST_CASE("durations are read as Go reads them") {
  CHECK(read_go_duration("1h2m3.5s") == 3'723'500'000);
  CHECK(read_go_duration("1.5µs") == doctest::Approx(1.5));
  CHECK(read_go_duration("-1ms") == -1000);
  CHECK(read_go_duration("0") == 0);
  for (const char* bad : {"", "-", ".", "ms", "1.5.5ms", "1 ms", "nan", "1e3s", "9999999999999h"}) {
    CHECK_THROWS_AS_MESSAGE(read_go_duration(bad), BadParameter, bad);
  }
}

TEST_CASE("times of version 3 are RFC 3339") {
  CHECK(parse_rfc3339("2020-09-13T12:26:40Z") == kStart);
  CHECK(parse_rfc3339("2020-09-13T14:26:40.000001999+02:00") == kStart + 1);
  for (const char* bad : {"", "2020-09-13", "2020-13-13T12:26:40Z", "2020-09-13T12:26:40", "2020-09-13T12:26:40Zx", "x"}) {
    CHECK_MESSAGE(!parse_rfc3339(bad), bad);
  }
}

TEST_CASE("a search of version 3 needs both ends of the time") {
  Desk desk;
  desk.send({});
  const Parameters ends = {{"query.startTimeMin", "2020-01-01T00:00:00Z"}, {"query.start_time_max", "2021-01-01T00:00:00Z"}};
  CHECK(desk.get("/api/v3/traces", ends).status == 200);
  CHECK(desk.get("/api/v3/traces", {{"query.startTimeMin", "2020-01-01T00:00:00Z"}}).status == 400);
  CHECK(desk.get("/api/v3/traces", {{"query.startTimeMin", "x"}, {"query.startTimeMax", "y"}}).status == 400);
  CHECK(desk.get("/api/v3/traces", {{"query.startTimeMin", "1999-01-01T00:00:00Z"}, {"query.startTimeMax", "1999-01-02T00:00:00Z"}})
            .status == 404);
}

TEST_CASE("version 3 answers in OTLP JSON, translated as Jaeger v2 does") {
  Desk desk;
  desk.send({.trace_id = {0, 0xabc},
             .id = 2,
             .parent = 1,
             .name = "op",
             .tags = {{"span.kind", "server"}, {"error", true}, {"twice", "a"}, {"twice", "b"}, {"n", std::int64_t{5}}},
             .logs = {{kStart + 5, {{"event", "e"}, {"k", "v"}}}},
             .references = {{true, {1, 2}, 3}}});
  CHECK(otlp_span(desk) == json::parse(R"({"traceId":"00000000000000000000000000000abc","spanId":"0000000000000002",
    "parentSpanId":"0000000000000001","name":"op","kind":2,"startTimeUnixNano":"1600000000000000000",
    "endTimeUnixNano":"1600000000001000000","attributes":[{"key":"twice","value":{"stringValue":"b"}},
    {"key":"n","value":{"intValue":"5"}}],"events":[{"timeUnixNano":"1600000000000005000","name":"e",
    "attributes":[{"key":"k","value":{"stringValue":"v"}}]}],"links":[{"traceId":"00000000000000010000000000000002",
    "spanId":"0000000000000003","attributes":[{"key":"opentracing.ref_type","value":{"stringValue":"follows_from"}}]}],
    "status":{"code":2},"flags":1})"));
}

TEST_CASE("the process becomes a resource, hostname and version under OpenTelemetry's names") {
  Desk desk;
  auto span = std::make_shared<Span>(*samples::to_span({}));
  span->process = std::make_shared<const Process>(Process{"svc", {{"hostname", "h"}, {"jaeger.version", "jtrace-1"}, {"ip", "::1"}}});
  desk.store.add({span}, {});
  const json resource = json::parse(desk.get("/api/v3/traces/" + kId).body)["result"]["resourceSpans"][0]["resource"];
  CHECK(resource["attributes"] == json::parse(R"([{"key":"service.name","value":{"stringValue":"svc"}},
    {"key":"host.name","value":{"stringValue":"h"}},{"key":"opencensus.exporterversion","value":{"stringValue":"Jaeger-jtrace-1"}},
    {"key":"ip","value":{"stringValue":"::1"}}])"));
}

TEST_CASE("the status comes from error, then otel.status_code, then http.status_code") {
  const auto code = [](std::vector<Tag> tags) {
    Desk desk;
    desk.send({.tags = std::move(tags)});
    return otlp_span(desk)["status"].value("code", 0);
  };
  CHECK(code({}) == 0);
  CHECK(code({{"error", true}, {"otel.status_code", "OK"}}) == 2);
  CHECK(code({{"error", "true"}}) == 0);
  CHECK(code({{"otel.status_code", "ok"}, {"http.status_code", std::int64_t{500}}}) == 1);
  CHECK(code({{"http.status_code", std::int64_t{500}}}) == 2);
  CHECK(code({{"http.status_code", "404"}, {"span.kind", "client"}}) == 2);
  CHECK(code({{"http.status_code", std::int64_t{404}}, {"span.kind", "server"}}) == 0);
  CHECK(code({{"http.status_code", 500.0}}) == 0);
}

TEST_CASE("prettyPrint lays the same JSON out") {
  Desk desk;
  desk.send({.tags = {{"k", "a {\"x\": [1,2]} \\"}}});
  const std::string plain = desk.get("/api/traces/" + kId).body;
  const std::string pretty = desk.get("/api/traces/" + kId, {{"prettyPrint", "true"}}).body;
  CHECK(pretty.starts_with("{\n    \"data\": [\n        {\n            \"traceID\": \"0000000000000abc\","));
  CHECK(json::parse(pretty) == json::parse(plain));
}

TEST_CASE("the pages escape what comes from strangers and forbid scripts") {
  Desk desk;
  const std::string attack = "</style><script>alert('\"1\"')</script>";
  desk.send({.name = attack, .tags = {{attack, attack}}, .logs = {{kStart, {{attack, attack}}}}}, attack);
  for (const std::string path : {"/search", "/trace/abc"}) {
    const HttpResponse page = desk.get(path);
    CHECK(page.status == 200);
    CHECK(page.body.find("<script") == std::string::npos);
    CHECK(page.body.find("&lt;script&gt;") != std::string::npos);
    CHECK(page.headers.at(0).first == "Content-Security-Policy");
    CHECK(page.headers.at(0).second.starts_with("default-src 'none'"));
  }
  const HttpResponse form = desk.get("/search", {{"operation", "\"><script>"}});
  CHECK(form.body.find("\"><script>") == std::string::npos);
}

TEST_CASE("the page of a trace shows its spans, tags, logs and process") {
  Desk desk;
  desk.send({.id = 1, .name = "root", .tags = {{"color", "blue"}}, .logs = {{kStart, {{"event", "hello"}}}}}, "shop");
  desk.send({.id = 2, .parent = 1, .name = "child", .tags = {{"error", true}}}, "store");
  const std::string page = desk.get("/trace/abc").body;
  for (const char* shown : {"root", "child", "color", "blue", "hello", "shop", "store", "✗", "<details"}) {
    CHECK_MESSAGE(page.find(shown) != std::string::npos, shown);
  }
}

TEST_CASE("a span's line has its whole name as a title, which no name can leave") {
  Desk desk;
  desk.send({.name = "GET /a\" onclick=\"x"}, "shop's");
  const std::string page = desk.get("/trace/abc").body;
  CHECK(page.find("title=\"GET /a&#34; onclick=&#34;x · shop&#39;s\"") != std::string::npos);
}

TEST_CASE("the search page lists traces that match and links to them") {
  Desk desk;
  CHECK(desk.get("/search").body.find("No spans have arrived yet") != std::string::npos);
  desk.send({.name = "find me"});
  CHECK(desk.get("/search").body.find("href=\"/trace/0000000000000abc\"") != std::string::npos);
  const Parameters form = {{"service", "svc"}, {"operation", ""}, {"tag", ""}, {"minDuration", ""}, {"limit", ""}};
  CHECK(desk.get("/search", form).body.find("find me") != std::string::npos);
  CHECK(desk.get("/search", {{"operation", "other"}}).body.find("No trace is like that") != std::string::npos);
}

TEST_CASE("the root leads to the search, health tells what is kept, other methods are refused") {
  Desk desk;
  desk.send({});
  CHECK(desk.get("/").status == 302);
  CHECK(desk.get("/").headers.at(0) == std::pair<std::string, std::string>{"Location", "/search"});
  const json health = json::parse(desk.get("/health").body);
  CHECK(health["status"] == "ok");
  CHECK(health["spans"] == 1);
  HttpRequest post;
  post.method = "POST";
  post.path = "/api/traces";
  CHECK(desk.query.handle(post).status == 405);
}
