// Sampler: keep this trace? Asked once per trace, on the caller's thread, at its first span; children inherit the answer.
//
// `const` keeps all or nothing. `probabilistic` compares the low 64 bits of the trace id with a bound, as the official
// clients do, so that services with the same rate agree on each trace. A value: copy it. Nothing here allocates.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace jtrace::inline v1::detail {

class Sampler {
 public:
  enum class Type : std::uint8_t { constant, probabilistic };

  static Sampler constant(bool keep) noexcept { return {Type::constant, keep ? 1.0 : 0.0, keep ? kAll : 0}; }
  // `rate` lies in [0, 1].
  static Sampler probabilistic(double rate) noexcept {
    const double bound = std::ldexp(rate, 64);
    if (bound < 1) return {Type::probabilistic, rate, 0};
    return {Type::probabilistic, rate, bound >= 0x1p64 ? kAll : static_cast<std::uint64_t>(bound) - 1};
  }

  // The id is not 0.
  bool keeps(std::uint64_t trace_low) const noexcept { return trace_low <= last_; }

  // As the tags sampler.type and sampler.param of a trace's first span say it.
  Type type() const noexcept { return type_; }
  std::string_view name() const noexcept { return type_ == Type::constant ? "const" : "probabilistic"; }
  double param() const noexcept { return param_; }

 private:
  static constexpr std::uint64_t kAll = ~std::uint64_t{0};
  Sampler(Type type, double param, std::uint64_t last) noexcept : last_(last), type_(type), param_(param) {}

  std::uint64_t last_;  // the greatest that is kept
  Type type_;
  double param_;
};

}  // namespace jtrace::inline v1::detail
