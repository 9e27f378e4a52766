// Settings: a configuration that was read and found right. Config, the environment and defaults become one of these;
// whoever holds it need not check anything again.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "samplers/sampler.h"

namespace jtrace::inline v1::detail {

using Nanoseconds = std::chrono::nanoseconds;

// Where batches go. `url` holds no credentials and may be shown.
struct Endpoint {
  std::string url;
  std::string user, password;

  bool has_credentials() const noexcept { return !user.empty() || !password.empty(); }
};

struct ProcessTag {
  std::string key, value;
};

struct RetrySettings {
  Nanoseconds initial = std::chrono::milliseconds(200);
  Nanoseconds max = std::chrono::seconds(30);
};

struct Settings {
  std::string service_name;
  Endpoint endpoint;  // an empty url: off
  bool disabled = false;
  Sampler sampler = Sampler::constant(true);
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
  bool trace_id_128bit = true;
  std::vector<ProcessTag> tags;

  bool is_on() const noexcept { return !disabled && !endpoint.url.empty(); }
};

}  // namespace jtrace::inline v1::detail
