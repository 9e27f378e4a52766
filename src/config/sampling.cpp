#include "config/sampling.h"

#include <charconv>
#include <cmath>

#include "config/parse.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr double kDefaultRate = 0.001;  // Jaeger's

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
};

const Type* find_type(std::string_view name) {
  for (const Type& type : kTypes) {
    if (name == type.name || (!name.empty() && name == type.alias)) return &type;
  }
  return nullptr;
}

}  // namespace

const char* take_sampler_type(Draft& draft, std::string_view text) {
  const Type* type = find_type(trim(text));
  if (!type) return "const, probabilistic or ratelimiting";
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
  return {};
}

}  // namespace jtrace::inline v1::detail
