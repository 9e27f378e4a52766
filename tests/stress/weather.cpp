#include "weather.h"

#include <stdexcept>
#include <thread>

#include "chaos_span.h"
#include "support/batch.h"

namespace chaos {
namespace {

using namespace std::chrono_literals;
using jtrace::collector::FaultOptions;
using jtrace::collector::HttpRequest;
using jtrace::collector::TraceId;

// Below the range from which the kernel takes a client's ports: nobody gets ours while it is down.
constexpr int kFirstPort = 10'000, kPorts = 20'000;

double any_chance(std::mt19937_64& random) { return static_cast<double>(1 + random() % 10) / 10; }

std::chrono::milliseconds up_to(std::mt19937_64& random, std::chrono::milliseconds most) {
  return std::chrono::milliseconds(1 + random() % static_cast<std::uint64_t>(most.count()));
}

}  // namespace

struct Weather::Open {
  Open(Weather& weather, const FaultOptions& options)
      : plan(options),
        port([&weather](const HttpRequest& request) { return weather.ingest_.handle(request); },
             {std::size_t{16} << 20, std::size_t{64} << 20}, plan, [&weather](const std::string& body) { weather.take(body); }) {}

  jtrace::collector::FaultPlan plan;
  jtrace::collector::IngestPort port;
};

Weather::Weather(std::uint64_t seed, bool is_wild) : is_wild_(is_wild), random_(seed) {
  for (int tries = 0; tries < 100 && port_ == 0; ++tries) {
    FaultOptions options = any_faults();
    options.reset.probability = 1e-9;  // something on connections, or they could not meet anything later
    open_ = std::make_shared<Open>(*this, options);
    const int port = kFirstPort + static_cast<int>(random_() % kPorts);
    if (!open_->port.listen("127.0.0.1", port)) port_ = port;
  }
  if (port_ == 0) throw std::runtime_error("no port to listen on");
}

void Weather::rage(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(up_to(random_, 60ms));
    if (is_wild_ && random_() % 4 == 0) {
      restart(up_to(random_, 60ms));
    } else {
      open_->plan.change(any_faults());
    }
  }
  open_->plan.change({});
}

// One fault or two, or none.
FaultOptions Weather::any_faults() {
  FaultOptions faults;
  faults.seed = random_();
  for (std::uint64_t left = random_() % 3; left != 0; --left) {
    const double chance = any_chance(random_);
    switch (random_() % (is_wild_ ? 9 : 6)) {
      case 0:
      case 1:
        faults.fails.push_back({503, chance, "", ""});
        break;
      case 2:
        faults.fails.push_back({429, chance, "Retry-After", "1"});
        break;
      case 3:
        faults.fails.push_back({400, chance / 4, "", ""});
        break;
      case 4:
        faults.fails.push_back({413, chance / 2, "", ""});
        break;
      case 5:
        faults.reset = {100 + random_() % 20'000, chance};
        break;
      case 6:
        faults.latency = {0ms, up_to(random_, 400ms)};
        break;
      case 7:
        faults.stall = chance;
        break;
      default:
        faults.drip = chance;
        faults.drip_pause = up_to(random_, 10ms);
    }
  }
  return faults;
}

void Weather::restart(std::chrono::milliseconds down_for) {
  open_.reset();
  ++restarts_;
  FaultOptions options = any_faults();
  options.down_for = down_for;
  auto next = std::make_shared<Open>(*this, options);
  if (const auto problem = next->port.listen("127.0.0.1", port_, [](const auto&) {})) throw std::runtime_error(*problem);
  open_ = next;
}

void Weather::take(const std::string& body) {
  const std::lock_guard lock(mutex_);
  for (const support::SentSpan& span : support::decode_batch(body).spans) {
    ++arrivals_[span.span_id];
    torn_ += span.text("text") != text_of(span.span_id);
  }
}

std::map<std::uint64_t, int> Weather::arrivals() const {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

std::uint64_t Weather::torn() const {
  const std::lock_guard lock(mutex_);
  return torn_;
}

std::multiset<std::uint64_t> Weather::kept() const {
  std::multiset<std::uint64_t> ids;
  for (const TraceId& trace : store_.latest()) {
    const auto found = store_.find(trace);
    for (const auto& span : found->spans) ids.insert(span->span_id);
  }
  return ids;
}

}  // namespace chaos
