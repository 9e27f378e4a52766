// Settings: a configuration that was read and found right. Config, the environment and defaults become one of these;
// whoever holds it need not check anything again.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

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
  Endpoint endpoint;  // an empty url: off
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

  bool is_on() const noexcept { return !disabled && !endpoint.url.empty(); }
};

}  // namespace jtrace::inline v1::detail
