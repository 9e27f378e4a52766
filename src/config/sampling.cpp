#include "config/sampling.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "config/parse.h"
#include "config/settle_reach.h"
#include "samplers/parse_strategy.h"
#include "transport/endpoint.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr double kDefaultRate = 0.001;  // Jaeger's
constexpr double kMostOperations = 100'000;
constexpr const char* kServerAllowed =
    "http://HOST:PORT/sampling, https://…, HOST or HOST:PORT (port 5778 if none is given), or unix:/PATH/OF/SOCKET";

// A type, its other spelling, and what its param may be.
struct Type {
  std::string_view name, alias;
  double param;  // by default
  bool (*takes)(double param);
  const char* allowed;
  void (*set)(Settings&, double param);
};

bool is_rate(double param) { return param >= 0 && param <= 1; }

constexpr Type kTypes[] = {
    {"const", "", 1, [](double param) { return param == 0 || param == 1; }, "0 or 1 for the sampler const",
     [](Settings& settings, double param) { settings.sampler = Sampler::constant(param != 0); }},
    {"probabilistic", "", kDefaultRate, is_rate, "a rate from 0 to 1 for the sampler probabilistic",
     [](Settings& settings, double param) { settings.sampler = Sampler::probabilistic(param); }},
    {"ratelimiting", "rate_limiting", 1, [](double param) { return param >= 0 && std::isfinite(param); },
     "a number of traces per second for the sampler ratelimiting",
     [](Settings& settings, double param) {
       settings.sampling.by = Sampling::By::limit;
       settings.sampling.per_second = param;
     }},
    {"remote", "", kDefaultRate, is_rate, "a rate from 0 to 1 for the sampler remote, until its server answers",
     [](Settings& settings, double param) {
       settings.sampler = Sampler::probabilistic(param);
       settings.sampling.by = Sampling::By::server;
     }},
};

const Type* find_type(std::string_view name) {
  for (const Type& type : kTypes) {
    if (name == type.name || (!name.empty() && name == type.alias)) return &type;
  }
  return nullptr;
}

const char* take_server(std::optional<Endpoint>& to, std::string_view text) {
  to = parse_endpoint(trim(text), kSamplingServer);
  return to ? nullptr : kServerAllowed;
}

// Jaeger's agent answers on its own host.
Endpoint agents_server(const Draft& draft, const std::vector<Said>& list) {
  const Said* said = said_of(list, "local_agent.reporting_host");
  const std::string_view host = said ? trim(said->value) : "localhost";
  const bool has_colon = host.find(':') != std::string_view::npos && !host.starts_with('[');
  std::string server = has_colon ? "[" + std::string(host) + "]" : std::string(host);
  if (draft.sampling_port) server += ":" + std::to_string(*draft.sampling_port);
  const auto endpoint = parse_endpoint(server, kSamplingServer);
  return endpoint ? *endpoint : *parse_endpoint("localhost", kSamplingServer);  // a host that will not be found either
}

Error settle_server(Draft& draft, const std::vector<Said>& list) {
  Sampling& sampling = draft.settings.sampling;
  sampling.endpoint = draft.sampling_endpoint  ? *draft.sampling_endpoint
                      : draft.sampling_manager ? *draft.sampling_manager
                                               : agents_server(draft, list);
  return choose_proxy(draft, sampling.endpoint, sampling.proxy);
}

}  // namespace

const char* take_sampler_type(Draft& draft, std::string_view text) {
  const Type* type = find_type(trim(text));
  if (!type) return "const, probabilistic, ratelimiting or remote";
  if (type->name == "remote" && !can_parse_strategies())
    return "const, probabilistic or ratelimiting: this jtrace was built without nlohmann-json";
  draft.sampler_type = type->name;
  return nullptr;
}

const char* take_sampler_param(Draft& draft, std::string_view text) {
  const auto number = parse_number(text);
  const auto truth = parse_bool(text);
  if (!number && !truth) return "a number: 0 or 1, a rate from 0 to 1, or traces per second, as the sampler has it";
  draft.sampler_param = number ? *number : *truth ? 1 : 0;
  return nullptr;
}

const char* take_sampling_endpoint(Draft& draft, std::string_view text) { return take_server(draft.sampling_endpoint, text); }

const char* take_sampling_manager(Draft& draft, std::string_view text) {
  draft.sampling_port = parse_port(text);
  return draft.sampling_port ? nullptr : take_server(draft.sampling_manager, text);
}

const char* take_sampling_interval(Draft& draft, std::string_view text) {
  const auto value = parse_duration(text);
  if (!value || value->count() == 0) return "a duration such as 10s or 1m (a plain number means milliseconds)";
  draft.settings.sampling.refresh_interval = *value;
  return nullptr;
}

const char* take_max_operations(Draft& draft, std::string_view text) {
  const auto value = parse_number(text);
  if (!value || *value < 1 || *value > kMostOperations || *value != std::floor(*value)) return "a number of operations from 1 to 100000";
  draft.settings.sampling.max_operations = static_cast<std::int64_t>(*value);
  return nullptr;
}

void take_own_sampler(Draft& draft, std::span<const ConfigView> from_code) {
  for (const ConfigView& entry : from_code) {
    if (entry.key != kOwnSampler) continue;
    std::intptr_t address = 0;
    std::from_chars(entry.value.data(), entry.value.data() + entry.value.size(), address);
    draft.settings.sampling.own = reinterpret_cast<v1::Sampler*>(address);
  }
}

Error settle_sampling(Draft& draft, const std::vector<Said>& list) {
  Settings& settings = draft.settings;
  if (settings.sampling.own) {
    settings.sampling.by = Sampling::By::own;
    return {};
  }
  const Type& type = draft.sampler_type.empty() ? kTypes[0] : *find_type(draft.sampler_type);
  const double param = draft.sampler_param.value_or(type.param);
  if (!type.takes(param)) return refuse(*said_of(list, "sampler.param"), type.allowed);
  type.set(settings, param);
  return settings.sampling.by == Sampling::By::server ? settle_server(draft, list) : Error();
}

}  // namespace jtrace::inline v1::detail
