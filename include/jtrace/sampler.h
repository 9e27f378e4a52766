// Sampler: "keep this trace?", for those who want to answer it themselves.
//
//   struct Paying : jtrace::Sampler {
//     jtrace::SamplingDecision decide(jtrace::TraceId, std::string_view operation) override {
//       return {.sampled = operation == "pay", .type = "paying", .param = true};
//     }
//   };
//   static Paying paying;
//   auto tracer = jtrace::init({.sampler = {.own = &paying}});
//
// It is asked once per trace: at the first span, unless that has a parent elsewhere, or the trace is forced (a debug id). Children inherit the
// answer. The samplers that come with jtrace are named in Config (SamplerConfig::type); see docs/sampling.md.
#pragma once

#include <optional>
#include <string_view>

#include "jtrace/span_context.h"
#include "jtrace/value.h"

namespace jtrace::inline v1 {

namespace detail {
inline constexpr std::optional<bool> kNoParam{};
}

struct SamplingDecision {
  bool sampled = false;
  // For the tags sampler.type and sampler.param of a trace that is kept; an empty type, an absent param: no such tag. Texts are
  // copied as soon as the decision is returned: literals, or members of the sampler.
  std::string_view type{};
  Value param = detail::kNoParam;
};

// Belongs to its user, and must live as long as any tracer that was given it: for the global one, as long as the process.
//
// Thread safety: decide() is called on the threads that start traces, on many at once. The caller of start_span() waits for it, and
// nobody else does: a slow sampler makes starts of traces slow, and delays neither other threads nor what is finished. Where it
// throws, the trace is not kept (Stats::sampler_errors). A span that it starts itself is dropped and counted as reentrant.
class Sampler {
 public:
  virtual ~Sampler() = default;

  // The name lives as long as the call.
  virtual SamplingDecision decide(TraceId trace_id, std::string_view operation_name) = 0;
};

}  // namespace jtrace::inline v1
