#include "jaeger.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <sstream>
#include <stdexcept>

namespace jaeger {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(60);

std::string ipv6_if_any() {
  const int socket = ::socket(AF_INET6, SOCK_DGRAM, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool has_it = socket >= 0 && ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (socket >= 0) ::close(socket);
  return has_it ? "::1" : "127.0.0.1";
}

int free_port(int type = SOCK_STREAM) {
  const int socket = ::socket(AF_INET, type, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

bool is_program(const std::string& path) { return ::access(path.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(path); }

// The first of these names in the first folder that has one.
std::string on_the_path(std::initializer_list<const char*> names) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path ? path : "", ':')) {
    for (const char* name : names) {
      if (is_program(folder + "/" + name)) return folder + "/" + name;
    }
  }
  return {};
}

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

Programs sort(const std::vector<std::string>& paths) {
  Programs sorted;
  for (const std::string& path : paths) {
    if (file_name(path).find("agent") != std::string::npos) {
      sorted.agent = path;
    } else {
      sorted.jaegers.push_back(path);
    }
  }
  return sorted;
}

std::string host_port(const std::string& host, int port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

// The answer's status, and its body.
long get(const std::string& url, std::string& body) {
  body.clear();
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), curl_easy_cleanup);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, static_cast<void*>(&body));
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION,
                   +[](char* bytes, std::size_t size, std::size_t count, void* to) {
                     static_cast<std::string*>(to)->append(bytes, size * count);
                     return size * count;
                   });
  if (curl_easy_perform(easy.get()) != CURLE_OK) return 0;
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

// Asks again, a few times a second, until it is so or patience is over.
bool wait_until(const std::function<bool()>& is_so) {
  for (const auto deadline = Clock::now() + kPatience; Clock::now() < deadline; ::poll(nullptr, 0, 100)) {
    if (is_so()) return true;
  }
  return false;
}

constexpr char kStrategies[] = R"({
  "default_strategy": {"type": "probabilistic", "param": 1},
  "service_strategies": [
    {"service": "limited", "type": "ratelimiting", "param": 3},
    {"service": "shop", "type": "probabilistic", "param": 0.5, "operation_strategies": [
      {"operation": "pay", "type": "probabilistic", "param": 1},
      {"operation": "look", "type": "probabilistic", "param": 0}]}]})";

std::string write_strategies() {
  std::string path = (std::filesystem::temp_directory_path() / "jtrace-strategies-XXXXXX").string();
  const int file = ::mkstemp(path.data());
  if (file < 0 || ::write(file, kStrategies, sizeof kStrategies - 1) < 0) throw std::runtime_error("cannot write " + path);
  ::close(file);
  return path;
}

std::string local(int port) { return "http://127.0.0.1:" + std::to_string(port); }

}  // namespace

Programs find_programs() {
  if (const char* named = std::getenv("JTRACE_TEST_JAEGER"); named && *named) return sort(split(named, ':'));
  if (const std::string found = on_the_path({"jaeger-all-in-one", "all-in-one", "jaeger"}); !found.empty())
    return {{found}, on_the_path({"jaeger-agent"})};
  std::vector<std::string> built;
  for (const std::string& path : split(support::run({JTRACE_CACHE_SCRIPT, "--print"}).out, '\n')) {
    if (is_program(path)) built.push_back(path);
  }
  return sort(built);
}

Jaeger::Jaeger(const std::string& program, const std::string& agent)
    : program_(program),
      second_(file_name(program).find("all-in-one") == std::string::npos),
      ipv6_(ipv6_if_any()),
      collector_port_(free_port()),
      grpc_port_(free_port()),
      query_port_(free_port()),
      otlp_port_(free_port()),
      compact_port_(free_port(SOCK_DGRAM)),
      binary_port_(free_port(SOCK_DGRAM)),
      sampling_port_(free_port()),
      strategies_(write_strategies()),
      process_(std::make_unique<support::Process>(command(), support::Variables{{"OTEL_TRACES_SAMPLER", "always_off"}})) {
  std::string body;
  const bool is_up = wait_until([&] {
    return get(query() + "/api/services", body) == 200 && get(local(collector_port_) + "/api/traces", body) == 405 &&
           get(sampling() + "?service=any", body) == 200;
  });
  if (!is_up) throw std::runtime_error(program_ + " did not come up: " + process_->wait(std::chrono::milliseconds(1)).describe());
  if (second_ || agent.empty()) return;
  agent_ = std::make_unique<support::Process>(agent_command(agent));
  // Asks the collector, so this is the whole way.
  if (!wait_until([&] { return get(local(sampling_port_) + "/sampling?service=any", body) == 200; }))
    throw std::runtime_error(agent + " did not come up: " + agent_->wait(std::chrono::milliseconds(1)).describe());
}

std::string Jaeger::endpoint() const { return local(collector_port_) + "/api/traces"; }
Jaeger::~Jaeger() { ::unlink(strategies_.c_str()); }

std::string Jaeger::sampling() const {
  return second_ ? local(sampling_port_) + "/sampling" : local(collector_port_) + "/api/sampling";
}
std::string Jaeger::otlp_endpoint() const { return local(otlp_port_) + "/v1/traces"; }
std::string Jaeger::query() const { return local(query_port_); }

nlohmann::json Jaeger::trace(const std::string& id, std::size_t spans) const {
  nlohmann::json found;
  std::string body;
  const bool is_there = wait_until([&] {
    if (get(query() + "/api/traces/" + id, body) != 200) return false;
    const auto document = nlohmann::json::parse(body, nullptr, false);
    if (document.is_discarded() || document["data"].empty() || document["data"][0]["spans"].size() < spans) return false;
    found = document["data"][0];
    return true;
  });
  if (!is_there) std::fprintf(stderr, "%s has no trace %s of %zu spans; it answers %s\n", program_.c_str(), id.c_str(), spans, body.c_str());
  return found;
}

std::vector<std::string> Jaeger::command() const {
  const std::string collector = "127.0.0.1:" + std::to_string(collector_port_);
  const std::string query = "127.0.0.1:" + std::to_string(query_port_);
  if (!second_) {
    // Spans that its queue has no room for it drops, and still says 202: a queue of 2,000 unless it is told.
    return {program_, "--log-level=warn", "--collector.queue-size=100000", "--admin.http.host-port=127.0.0.1:0",
            "--collector.otlp.enabled=true",
            "--collector.otlp.grpc.host-port=127.0.0.1:0", "--collector.otlp.http.host-port=127.0.0.1:" + std::to_string(otlp_port_),
            "--collector.grpc-server.host-port=" + host_port("127.0.0.1", grpc_port_), "--query.grpc-server.host-port=127.0.0.1:0",
            "--sampling.strategies-file=" + strategies_,
            "--collector.http-server.host-port=" + collector, "--query.http-server.host-port=" + query};
  }
  return {program_, "--config", R"(yaml:
service:
  extensions: [jaeger_storage, jaeger_query, remote_sampling]
  pipelines:
    traces: {receivers: [jaeger, otlp], exporters: [jaeger_storage_exporter]}
  telemetry:
    metrics: {level: none}
    logs: {level: warn}
extensions:
  jaeger_storage: {backends: {memory: {memory: {max_traces: 100000}}}}
  jaeger_query:
    storage: {traces: memory}
    http: {endpoint: ')" + query + R"('}
    grpc: {endpoint: '127.0.0.1:0'}
  remote_sampling:
    file: {path: ')" + strategies_ + R"('}
    http: {endpoint: '127.0.0.1:)" + std::to_string(sampling_port_) + R"('}
    grpc: {endpoint: '127.0.0.1:0'}
receivers:
  jaeger:
    protocols:
      thrift_http: {endpoint: ')" + collector + R"('}
      thrift_compact: {endpoint: ')" + host_port(compact_host(), compact_port_) + R"('}
      thrift_binary: {endpoint: ')" + host_port(binary_host(), binary_port_) + R"('}
  otlp: {protocols: {http: {endpoint: '127.0.0.1:)" + std::to_string(otlp_port_) + R"('}}}
exporters:
  jaeger_storage_exporter: {trace_storage: memory}
)"};
}

std::vector<std::string> Jaeger::agent_command(const std::string& program) const {
  return {program, "--log-level=warn", "--admin.http.host-port=127.0.0.1:0",
          "--reporter.grpc.host-port=" + host_port("127.0.0.1", grpc_port_),
          "--http-server.host-port=" + host_port("127.0.0.1", sampling_port_),
          "--processor.jaeger-compact.server-host-port=" + host_port(compact_host(), compact_port_),
          "--processor.jaeger-binary.server-host-port=" + host_port(binary_host(), binary_port_),
          "--processor.zipkin-compact.server-host-port=127.0.0.1:0"};
}

}  // namespace jaeger
