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

  static Sampler constant(bool keep) noexcept { return {Type::constant, keep ? 1.0 : 0.0, keep ? ~std::uint64_t{0} : 0, keep}; }
  // `rate` lies in [0, 1].
  static Sampler probabilistic(double rate) noexcept {
    const double bound = std::ldexp(rate, 64);
    const bool all = bound >= 0x1p64;
    return {Type::probabilistic, rate, all ? ~std::uint64_t{0} : static_cast<std::uint64_t>(bound), all};
  }

  bool keeps(std::uint64_t trace_low) const noexcept { return trace_low < bound_ || all_; }

  // As the tags sampler.type and sampler.param of a trace's first span say it.
  Type type() const noexcept { return type_; }
  std::string_view name() const noexcept { return type_ == Type::constant ? "const" : "probabilistic"; }
  double param() const noexcept { return param_; }

 private:
  Sampler(Type type, double param, std::uint64_t bound, bool all) noexcept
      : bound_(bound), all_(all), type_(type), param_(param) {}

  std::uint64_t bound_;
  bool all_;
  Type type_;
  double param_;
};

}  // namespace jtrace::inline v1::detail
