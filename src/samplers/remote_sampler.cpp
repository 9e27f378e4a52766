#include "samplers/remote_sampler.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "core/log_line.h"
#include "core/quiet_thread.h"
#include "propagation/jaeger_format.h"
#include "samplers/parse_strategy.h"
#include "transport/fetch.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr auto kMoment = std::chrono::milliseconds(20);

// Scheme, host and port.
std::string_view origin(std::string_view url) { return url.substr(0, url.find('/', url.find("://") + 3)); }

bool is_at_collector(const Settings& settings) {
  const Endpoint &server = settings.sampling.endpoint, &collector = settings.endpoint;
  return server.unix_socket == collector.unix_socket && origin(server.url) == origin(collector.url);
}

std::string query(const Settings& settings) {
  const bool has_query = settings.sampling.endpoint.url.find('?') != std::string::npos;
  return (has_query ? "&service=" : "?service=") + encode_baggage(settings.service_name);
}

// The settings as if the server were the collector.
Settings way_to_server(const Settings& settings) {
  Settings way = settings;
  if (!is_at_collector(settings)) {
    way.login = {};
    way.headers.clear();
    way.tls.server_name.clear();
  }
  way.endpoint = settings.sampling.endpoint;
  way.proxy = settings.sampling.proxy;
  if (way.endpoint.has_credentials()) way.login = {way.endpoint.user, way.endpoint.password, {}};
  way.endpoint.url += query(settings);
  return way;
}

int milliseconds(Nanoseconds time) noexcept {
  const auto count = std::chrono::ceil<std::chrono::milliseconds>(time).count();
  return static_cast<int>(std::min<std::int64_t>(count, std::numeric_limits<int>::max()));
}

std::string describe(const Strategy& strategy) {
  switch (strategy.type) {
    case Strategy::Type::probabilistic:
      return "probabilistic " + shown_number(strategy.rate);
    case Strategy::Type::rate_limiting:
      return "ratelimiting " + shown_number(strategy.per_second);
    case Strategy::Type::per_operation:
      break;
  }
  return std::to_string(strategy.operations.size()) + " operations, others " + shown_number(strategy.rate) + ", at least " +
         shown_number(strategy.per_second) + " traces per second of each";
}

}  // namespace

RemoteSampler::RemoteSampler(const Settings& settings, StrategySampler& sampler, std::uint32_t generation)
    : sampler_(sampler), way_(way_to_server(settings)), generation_(generation), stop_descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool RemoteSampler::start() noexcept {
  has_started_ = start_quiet_thread(thread_, run, this);
  if (has_started_) pthread_detach(thread_);
  return has_started_;
}

void* RemoteSampler::run(void* self) {
  begin_quiet_thread("jtrace-sampler");
  static_cast<RemoteSampler*>(self)->work();
  return nullptr;
}

void RemoteSampler::work() noexcept {
  pollfd stop{stop_descriptor_, POLLIN, 0};
  while (!is_stopped()) {
    poll();
    ::poll(&stop, 1, milliseconds(way_.sampling.refresh_interval));
  }
  const bool parks = parks_.load(std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
  }
  while (parks) pause();
}

void RemoteSampler::poll() noexcept {
  try {
    ask();
  } catch (const std::bad_alloc&) {
    queries_err_.add();
  }
}

void RemoteSampler::ask() {
  const Fetched fetched = fetch(way_, stop_descriptor_);
  if (fetched.end == Fetched::End::stopped) return;
  if (fetched.end == Fetched::End::answered) {
    queries_ok_.add();
    return take(fetched.body);
  }
  queries_err_.add();
  log_rarely(Trouble::sampling, LogLevel::warn, "sampling goes on as it was: " + fetched.trouble);
}

void RemoteSampler::take(const std::string& answer) {
  auto strategy = parse_strategy(answer, static_cast<std::size_t>(way_.sampling.max_operations));
  if (!strategy) {
    updates_err_.add();
    return log_rarely(Trouble::sampling, LogLevel::warn, "sampling goes on as it was: " + way_.endpoint.shown + " answered what is no sampling strategy");
  }
  if (strategy == last_) return;
  log_line(LogLevel::info, "sampling as " + way_.endpoint.shown + " says: " + describe(*strategy));
  sampler_.adopt(*strategy);
  last_ = std::move(strategy);
  updates_ok_.add();
}

void RemoteSampler::stop(bool parks) noexcept {
  parks_.store(parks, std::memory_order_relaxed);
  stopped_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(stop_descriptor_, &one, sizeof one);
}

void RemoteSampler::await_end() noexcept {
  std::unique_lock lock(mutex_);
  if (has_started_) ended_.wait_for(lock, kMoment, [this] { return has_ended_; });
}

void RemoteSampler::add_to(Stats& stats) const noexcept {
  stats.sampler_queries.ok += queries_ok_.get();
  stats.sampler_queries.err += queries_err_.get();
  stats.sampler_updates.ok += updates_ok_.get();
  stats.sampler_updates.err += updates_err_.get();
}

}  // namespace jtrace::inline v1::detail
