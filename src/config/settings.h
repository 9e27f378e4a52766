// Settings: a configuration that was read and found right. Config, the environment and defaults become one of these;
// whoever holds it need not check anything again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "jtrace/config.h"
#include "propagation/propagation.h"
#include "samplers/sampler.h"

namespace jtrace::inline v1 {
class Sampler;
}

namespace jtrace::inline v1::detail {

using Nanoseconds = std::chrono::nanoseconds;

// Where batches go.
struct Endpoint {
  std::string url;          // without credentials
  std::string unix_socket;  // a path: `url` is asked for over this socket. Empty: over TCP
  std::string user, password;
  std::string shown;        // for people: no credentials, and no query, which may hold a token

  bool has_credentials() const noexcept { return !user.empty() || !password.empty(); }
  bool is_https() const noexcept { return url.starts_with("https:"); }
};

// How spans are sent, and in which format. none: to no collector.
enum class Protocol : std::uint8_t { none, http_thrift, http_protobuf, http_json, udp_compact, udp_binary };

constexpr bool is_udp(Protocol protocol) noexcept { return protocol == Protocol::udp_compact || protocol == Protocol::udp_binary; }
constexpr bool is_otlp(Protocol protocol) noexcept { return protocol == Protocol::http_protobuf || protocol == Protocol::http_json; }

// What is written into a file: a span a line, behind what is there; or one document for Jaeger's UI, in the place of what is there.
enum class FileFormat : std::uint8_t { json_lines, jaeger_ui };

// Where datagrams go.
struct Agent {
  std::string host;          // without brackets; empty: none
  std::uint16_t port = 0;
  std::int64_t max_packet_bytes = 65000;  // of one datagram, all of it: what the official clients and agents agree on

  std::string shown() const {
    const bool has_colon = host.find(':') != std::string::npos;
    return std::string("udp://").append(has_colon ? "[" : "").append(host).append(has_colon ? "]:" : ":").append(std::to_string(port));
  }
};

// Paths of PEM files that could be read; empty: not given.
struct Tls {
  std::string ca, cert, key;
  std::string server_name;
  bool skip_verify = false;

  bool is_set() const noexcept {
    return !ca.empty() || !cert.empty() || !key.empty() || !server_name.empty() || skip_verify;
  }
};

// At most one of the two: user and password, or token.
struct Login {
  std::string user, password;
  std::string token;

  bool is_basic() const noexcept { return !user.empty() || !password.empty(); }
  bool is_bearer() const noexcept { return !token.empty(); }
};

// `url` holds no credentials; an empty one: straight to the collector.
struct Proxy {
  std::string url;
  std::string user, password;
  std::string except;  // as no_proxy has it
};

struct Header {
  std::string name, value;
};

struct ProcessTag {
  std::string key, value;
};

struct RetrySettings {
  Nanoseconds initial = std::chrono::milliseconds(200);
  Nanoseconds max = std::chrono::seconds(30);
};

// Who says which traces are kept.
struct Sampling {
  // The trace's id, by Settings::sampler; a limit per second; a sampling server; the user's own sampler.
  enum class By : std::uint8_t { id, limit, server, own };

  By by = By::id;
  double per_second = 0;
  Endpoint endpoint;  // the server's, for whom a login and a proxy of its own may be needed
  Proxy proxy;
  Nanoseconds refresh_interval = std::chrono::seconds(60);
  std::int64_t max_operations = 2000;
  v1::Sampler* own = nullptr;
};

// Of one span; 0: no limit.
struct Limits {
  static constexpr std::int64_t kLeastLength = 32;  // what is no longer than this nobody looks at twice
  std::int64_t value_length = 1024;                 // characters
  std::int64_t tags = 0, logs = 0, log_fields = 0;

  bool has_counts() const noexcept { return (tags | logs | log_fields) != 0; }
};

// The only baggage that may be set, where there is such a list.
struct BaggageRule {
  std::string key;
  std::uint32_t max_value_bytes;
};

struct Settings {
  std::string service_name;
  Protocol protocol = Protocol::http_thrift;
  Endpoint endpoint;  // an empty url: none
  Agent agent;        // for the protocols over UDP
  bool logging = false;
  std::string file;   // a path; empty: none
  FileFormat file_format = FileFormat::json_lines;
  std::vector<std::shared_ptr<Held<Reporter>>> reporters;  // of the program
  std::shared_ptr<Held<FinishHook>> finish_hook;           // null: none
  std::shared_ptr<Held<StatsListener>> stats_listener;     // null: none
  Nanoseconds stats_interval = std::chrono::seconds(10);
  Tls tls;
  Login login;
  std::vector<Header> headers;
  Proxy proxy;
  bool gzip = false;
  bool disabled = false;
  Sampler sampler = Sampler::constant(true);
  Sampling sampling;
  Nanoseconds flush_interval = std::chrono::seconds(1);
  Nanoseconds exit_flush_timeout = std::chrono::seconds(1);
  Nanoseconds connect_timeout = std::chrono::seconds(5);
  Nanoseconds request_timeout = std::chrono::seconds(10);
  RetrySettings retry;
  Nanoseconds max_retry_time = std::chrono::minutes(5);
  std::int64_t max_pending_bytes = 32 << 20;
  std::int64_t max_queue_bytes = 64 << 20;
  std::int64_t max_open_bytes = 16 << 20;
  std::int64_t max_batch_bytes = 1 << 20;
  std::int64_t max_span_bytes = 64 << 10;
  Limits limits;
  bool trace_id_128bit = true;
  Propagation propagation;
  std::vector<BaggageRule> baggage_allowed;        // empty: any key
  std::vector<ProcessTag> tags;

  // Does anything leave for a collector?
  bool has_collector() const noexcept { return is_udp(protocol) ? !agent.host.empty() : protocol != Protocol::none && !endpoint.url.empty(); }
  // Does anybody get them?
  bool is_on() const noexcept { return !disabled && (has_collector() || logging || !file.empty() || !reporters.empty()); }
  // Where spans go, for people.
  std::string destination() const { return !has_collector() ? "no collector" : is_udp(protocol) ? agent.shown() : endpoint.shown; }
};

}  // namespace jtrace::inline v1::detail
