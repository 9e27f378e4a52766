// Config: a tracer as its user writes it, for designated initializers.
//
//   auto made = jtrace::init({.service_name = "orders", .endpoint = "http://jaeger:14268/api/traces"});
//
// What is set in code beats the environment, which beats the defaults; a Setting knows whether it was set, so a value
// equal to the default counts as set. A Setting takes only its own kind of value: `.disabled = "false"` and
// `.service_name = 5` do not compile. Every key, its variable and its default: docs/configuration.md.
//
// Units that only trace include this as well, so it is kept cheap: lists are a std::list, since <vector> takes a compiler five
// times as long, and what takes a Config is a template, compiled where it is called.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <type_traits>

#include "jtrace/detail/chrono.h"
#include "jtrace/detail/export.h"
#include "jtrace/error.h"
#include "jtrace/value.h"

namespace jtrace::inline v1 {

namespace detail {
template <class T, class U>
concept SettingOf = (std::same_as<T, std::string> && TextLike<U>) || (std::same_as<T, bool> && std::same_as<U, bool>) ||
                    (std::integral<T> && !std::same_as<T, bool> && std::integral<U> && !std::same_as<U, bool> && !AnyChar<U>) ||
                    (std::floating_point<T> && std::is_arithmetic_v<U> && !std::same_as<U, bool> && !AnyChar<U>) ||
                    (std::is_class_v<T> && !std::same_as<T, std::string> && std::convertible_to<const U&, T>);
}  // namespace detail

template <class T>
class Setting {
 public:
  Setting() = default;
  Setting(const Setting&) = default;
  Setting& operator=(const Setting&) = default;
  // Inlined, g++ 12 thinks that it might destroy what was never made.
  [[gnu::noinline]] ~Setting() {}
  template <class U>
    requires(!std::same_as<U, Setting>) && detail::SettingOf<T, U>
  Setting(const U& value) {
    if constexpr (std::same_as<T, std::string>) {
      value_ = Text(value).view();
    } else {
      value_ = static_cast<T>(value);
    }
    is_set_ = true;
  }

  bool is_set() const noexcept { return is_set_; }
  const T& operator*() const noexcept { return value_; }

 private:
  T value_{};
  bool is_set_ = false;
};

class Sampler;

struct SamplerConfig {
  Setting<std::string> type{};                           // "const", "probabilistic", "ratelimiting" or "remote"
  // const: 0 or 1; probabilistic: 0 to 1; ratelimiting: traces per second; remote: 0 to 1, until its server answers.
  Setting<double> param{};
  Setting<std::string> endpoint{};                       // remote: the sampling server, http://localhost:5778/sampling
  Setting<std::string> manager_host_port{};              // the same as host:port, where there is no endpoint
  Setting<std::chrono::nanoseconds> refresh_interval{};  // remote: how often it is asked, 60 s
  Setting<std::int64_t> max_operations{};                // remote: how many operations may have a rate of their own, 2,000
  // Asked instead of all that, whatever the environment says; must live as long as the tracer: see sampler.h.
  Sampler* own = nullptr;
};

// Between attempts to deliver a batch: a random time up to `initial`, then up to twice that, and so on up to `max`.
struct RetryConfig {
  Setting<std::chrono::nanoseconds> initial{};  // 200 ms
  Setting<std::chrono::nanoseconds> max{};      // 30 s
};

// A process tag, sent once with each batch.
struct TagText {
  std::string key, value;
};

// For https. Files are PEM, and must be readable when the tracer is made.
struct TlsConfig {
  Setting<std::string> ca{};           // a file: whom to trust, in the place of the system's authorities
  Setting<std::string> cert{};         // a file: the client's own certificate
  Setting<std::string> key{};          // a file: its private key, without a password; default: in the file of `cert`
  Setting<std::string> server_name{};  // whom the certificate must name; default: the endpoint's host
  Setting<bool> skip_verify{};         // true: believe everyone, and say so in the log
};

// A Jaeger agent, and whatever listens like one: spans go to it by UDP where no endpoint is set.
struct AgentConfig {
  Setting<std::string> reporting_host{};      // localhost, if one of the others is set
  Setting<std::int64_t> reporting_port{};     // 6831, or 6832 for the protocol "udp/thrift.binary"
  Setting<std::int64_t> max_packet_bytes{};   // 65000
};

class Reporter;    // reporter.h
class FinishHook;  // reporter.h
class StatsListener;  // reporter.h

namespace detail {
// Some share in an object of the program's.
template <class T>
class Held {
 public:
  virtual ~Held() = default;
  virtual T* get() const noexcept = 0;
  virtual Held* copy() const = 0;
};
}  // namespace detail

// A share in a reporter or a hook of the program's: made from a std::shared_ptr, whose header is not needed here.
template <class T>
class Shared {
 public:
  Shared() = default;
  template <class Pointer>
    requires requires(const Pointer& pointer) { static_cast<T*>(pointer.get()); }
  Shared(const Pointer& pointer) : held_(pointer.get() ? new Holder<Pointer>(pointer) : nullptr) {}
  Shared(const Shared& other) : held_(other.held_ ? other.held_->copy() : nullptr) {}
  Shared& operator=(const Shared& other) {
    if (this == &other) return *this;
    detail::Held<T>* const before = held_;
    held_ = other.held_ ? other.held_->copy() : nullptr;
    delete before;
    return *this;
  }
  ~Shared() { delete held_; }

  bool is_set() const noexcept { return held_ != nullptr; }
  const detail::Held<T>* held() const noexcept { return held_; }

 private:
  template <class Pointer>
  class Holder final : public detail::Held<T> {
   public:
    explicit Holder(const Pointer& pointer) : pointer_(pointer) {}
    T* get() const noexcept override { return pointer_.get(); }
    detail::Held<T>* copy() const override { return new Holder(pointer_); }

   private:
    Pointer pointer_;
  };

  detail::Held<T>* held_ = nullptr;
};

// How to log in at the collector: basic (user and password), or bearer (token). Both is an error.
struct AuthConfig {
  Setting<std::string> user{}, password{};
  Setting<std::string> token{};
};

// A header of each POST, beside those that jtrace sends.
struct HeaderText {
  std::string name, value;
};

// How much of a span is kept; 0: no limit but max_span_bytes. What is cut is marked by the tag `jtrace.cut`, and counted.
struct LimitsConfig {
  Setting<std::int64_t> value_length{};  // 1,024 characters of a text, bytes of a BINARY value; at least 32
  Setting<std::int64_t> tags{};          // 0
  Setting<std::int64_t> logs{};          // 0
  Setting<std::int64_t> log_fields{};    // 0, in each log
};

// Of baggage that is set here or comes in: what is over a limit is cut (a value that is set here) or dropped, and counted.
struct BaggageConfig {
  Setting<std::int64_t> max_items{};        // 180
  Setting<std::int64_t> max_key_bytes{};    // 8 KiB
  Setting<std::int64_t> max_value_bytes{};  // 8 KiB
  Setting<std::string> allowed{};           // "user-id:64,plan": the only keys that may be set, with their longest values; default: any
};

struct Config {
  Setting<std::string> service_name{};                       // default: the program's name
  Setting<std::string> endpoint{};                           // without one, and without an agent, the tracer is off
  SamplerConfig sampler{};                                   // default: const 1
  AgentConfig local_agent{};
  // "http/thrift.binary", "udp/thrift.compact", "udp/thrift.binary", and by OTLP "http/protobuf", "http/json"; default: as the
  // endpoint's path says, or the agent's port
  Setting<std::string> protocol{};
  Setting<bool> logging{};                                   // true: a line in the log for each finished span
  Setting<std::string> file{};                               // a path: each finished span is appended, a line of JSON
  Setting<std::string> file_format{};                        // "json-lines", or "jaeger-ui": a document that Jaeger's UI can load
  std::list<Shared<Reporter>> reporters{};                   // std::shared_ptr of the program's own, see reporter.h
  Shared<FinishHook> finish_hook{};                          // sees each finished span first, to change or drop it
  Shared<StatsListener> stats_listener{};                    // is told the counters
  Setting<std::chrono::nanoseconds> stats_interval{};        // 10 s, from one time to the next
  TlsConfig tls{};                                           // for https
  AuthConfig auth{};                                         // default: what the endpoint has before its '@'
  std::list<HeaderText> headers{};
  Setting<std::string> proxy{};                              // "none", or a URL; default: as the proxy variables say
  Setting<std::string> compression{};                        // "none" or "gzip"
  Setting<bool> disabled{};                                  // true: off, whatever else is set
  Setting<std::chrono::nanoseconds> flush_interval{};        // 1 s
  Setting<std::chrono::nanoseconds> exit_flush_timeout{};    // 1 s
  Setting<std::chrono::nanoseconds> connect_timeout{};       // 5 s
  Setting<std::chrono::nanoseconds> request_timeout{};       // 10 s, of one POST
  RetryConfig retry{};
  Setting<std::chrono::nanoseconds> max_retry_time{};        // 5 min, then a batch is given up; 0: no second attempt
  Setting<std::int64_t> max_pending_bytes{};                 // 32 MiB of batches that wait for another attempt
  Setting<std::int64_t> max_queue_bytes{};                   // 64 MiB of finished spans
  // 16 MiB of open spans. Over it a start gives an inert span without a context, counted in drops.open_limit; a child of it
  // begins a new trace, and below one that was to be active the span above stays active.
  Setting<std::int64_t> max_open_bytes{};
  Setting<std::int64_t> max_batch_bytes{};                   // 1 MiB, of one POST
  Setting<std::int64_t> max_span_bytes{};                    // 64 KiB, of one span; what is over it is cut
  LimitsConfig limits{};
  Setting<bool> trace_id_128bit{};                           // true
  std::list<TagText> tags{};
  Setting<std::string> config_file{};                        // YAML or JSON, read by the library jtrace-config
  Setting<bool> validate{};                                  // true: a key in it that nobody knows is an error
  Setting<std::string> propagation{};            // "jaeger,w3c": all are injected, the first good one is extracted
  Setting<std::string> trace_id_header{};        // "uber-trace-id"
  Setting<std::string> baggage_header_prefix{};  // "uberctx-"
  Setting<std::string> debug_id_header{};        // "jaeger-debug-id"
  Setting<std::string> baggage_header{};         // "jaeger-baggage"
  BaggageConfig baggage{};
};

namespace detail {

// A Config crosses into the library as plain key and value texts, parsed by the table that also reads the environment. The
// list of them is the library's own: what is out of line costs nothing in the units that include this.
struct EntryList;
JTRACE_API EntryList* new_entries() noexcept;  // null: no memory
JTRACE_API void delete_entries(EntryList*) noexcept;
// Without memory for one entry the whole list is void. The key is `prefix` with `name` behind it.
JTRACE_API void add_entry(EntryList*, std::string_view prefix, std::string_view name, std::string_view value) noexcept;
JTRACE_API void add_number(EntryList*, std::string_view key, double value) noexcept;
JTRACE_API void add_count(EntryList*, std::string_view key, std::int64_t value, std::string_view unit) noexcept;

class ConfigEntries {
 public:
  template <std::same_as<Config> C>
  explicit ConfigEntries(const C& config) noexcept : list_(new_entries()) {
    add("service_name", config.service_name);
    add("endpoint", config.endpoint);
    add("local_agent.reporting_host", config.local_agent.reporting_host);
    add_plain("local_agent.reporting_port", config.local_agent.reporting_port);
    add("local_agent.max_packet_bytes", config.local_agent.max_packet_bytes);
    add("protocol", config.protocol);
    add("logging", config.logging);
    add("file", config.file);
    add("file_format", config.file_format);
    for (const Shared<Reporter>& reporter : config.reporters) add("reporters", reporter);
    add("finish_hook", config.finish_hook);
    add("stats_listener", config.stats_listener);
    add("stats_interval", config.stats_interval);
    add("tls.ca", config.tls.ca);
    add("tls.cert", config.tls.cert);
    add("tls.key", config.tls.key);
    add("tls.server_name", config.tls.server_name);
    add("tls.skip_verify", config.tls.skip_verify);
    add("auth.user", config.auth.user);
    add("auth.password", config.auth.password);
    add("auth.token", config.auth.token);
    for (const HeaderText& header : config.headers) add_entry(list_, "headers.", header.name, header.value);
    add("proxy", config.proxy);
    add("compression", config.compression);
    add("disabled", config.disabled);
    add("sampler.type", config.sampler.type);
    add("sampler.param", config.sampler.param);
    add("sampler.endpoint", config.sampler.endpoint);
    add("sampler.manager_host_port", config.sampler.manager_host_port);
    add("sampler.refresh_interval", config.sampler.refresh_interval);
    add_plain("sampler.max_operations", config.sampler.max_operations);
    if (config.sampler.own) add_count(list_, "sampler.own", reinterpret_cast<std::intptr_t>(config.sampler.own), {});
    add("flush_interval", config.flush_interval);
    add("exit_flush_timeout", config.exit_flush_timeout);
    add("connect_timeout", config.connect_timeout);
    add("request_timeout", config.request_timeout);
    add("retry.initial", config.retry.initial);
    add("retry.max", config.retry.max);
    add("max_retry_time", config.max_retry_time);
    add("max_pending_bytes", config.max_pending_bytes);
    add("max_queue_bytes", config.max_queue_bytes);
    add("max_open_bytes", config.max_open_bytes);
    add("max_batch_bytes", config.max_batch_bytes);
    add("max_span_bytes", config.max_span_bytes);
    add_plain("limits.value_length", config.limits.value_length);
    add_plain("limits.tags", config.limits.tags);
    add_plain("limits.logs", config.limits.logs);
    add_plain("limits.log_fields", config.limits.log_fields);
    add("trace_id_128bit", config.trace_id_128bit);
    for (const TagText& tag : config.tags) add_entry(list_, "tags.", tag.key, tag.value);
    add("config_file", config.config_file);
    add("validate", config.validate);
    add("propagation", config.propagation);
    add("trace_id_header", config.trace_id_header);
    add("baggage_header_prefix", config.baggage_header_prefix);
    add("debug_id_header", config.debug_id_header);
    add("baggage_header", config.baggage_header);
    if (config.baggage.max_items.is_set()) add_count(list_, "baggage.max_items", *config.baggage.max_items, {});
    add("baggage.max_key_bytes", config.baggage.max_key_bytes);
    add("baggage.max_value_bytes", config.baggage.max_value_bytes);
    add("baggage.allowed", config.baggage.allowed);
  }
  ~ConfigEntries() { delete_entries(list_); }
  ConfigEntries(const ConfigEntries&) = delete;
  ConfigEntries& operator=(const ConfigEntries&) = delete;

  const EntryList* list() const noexcept { return list_; }

 private:
  void add(std::string_view key, const Setting<std::string>& text) noexcept {
    if (text.is_set()) add_entry(list_, key, {}, *text);
  }
  void add(std::string_view key, const Setting<bool>& truth) noexcept {
    if (truth.is_set()) add_entry(list_, key, {}, *truth ? "true" : "false");
  }
  void add(std::string_view key, const Setting<std::int64_t>& size) noexcept {
    if (size.is_set()) add_count(list_, key, *size, "B");
  }
  // As its address, which counts until the library has its own share.
  template <class T>
  void add(std::string_view key, const Shared<T>& object) noexcept {
    const Held<T>* const held = object.held();
    if (held) add_entry(list_, key, {}, {reinterpret_cast<const char*>(&held), sizeof held});
  }
  void add_plain(std::string_view key, const Setting<std::int64_t>& count) noexcept {
    if (count.is_set()) add_count(list_, key, *count, {});
  }
  void add(std::string_view key, const Setting<double>& number) noexcept {
    if (number.is_set()) add_number(list_, key, *number);
  }
  void add(std::string_view key, const Setting<std::chrono::nanoseconds>& duration) noexcept {
    if (duration.is_set()) add_count(list_, key, (*duration).count(), "ns");
  }

  EntryList* list_;
};

}  // namespace detail
}  // namespace jtrace::inline v1
