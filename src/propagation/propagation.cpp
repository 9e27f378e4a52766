#include "propagation/propagation.h"

#include <new>
#include <optional>
#include <string>

#include "propagation/b3_format.h"
#include "propagation/found_baggage.h"
#include "propagation/header_table.h"
#include "propagation/jaeger_debug.h"
#include "propagation/jaeger_format.h"
#include "propagation/percent.h"
#include "propagation/w3c_baggage.h"
#include "propagation/w3c_format.h"

namespace jtrace::inline v1::detail {
namespace {

bool has_baggage_format(const Propagation& how) noexcept {
  return how.has(Format::jaeger) || how.has(Format::w3c_baggage);
}
bool has_b3(const Propagation& how) noexcept { return how.has(Format::b3_multi) || how.has(Format::b3_single); }

void inject_one(Format format, const Propagation& how, const SpanContext& context, HeaderSink sink, Losses& losses) {
  switch (format) {
    case Format::jaeger: return inject_jaeger(how, context, sink);
    case Format::w3c_context: return inject_w3c(context, sink);
    case Format::w3c_baggage: return inject_w3c_baggage(context, sink, losses);
    case Format::b3_multi: return inject_b3_multi(context, sink);
    case Format::b3_single: return inject_b3_single(context, sink);
  }
}

// One look at a carrier's headers by every format of the list.
class Extraction {
 public:
  Extraction(const HeaderTable& table, Losses& losses) noexcept : losses_(losses), table_(table) {}

  [[gnu::always_inline]] void see(std::string_view name, std::string_view value) noexcept {
    if (const std::uint32_t candidates = table_.candidates(name)) see_candidate(candidates, name, value);
  }

  SpanContext finish() noexcept {
    if (b3_.has_any()) b3_context_ = b3_.finish(losses_);
    const FoundContext& first = choose();
    if (headers_ == 1 && first.is_valid()) [[likely]] return first.with(nullptr);  // nothing to complete it
    return complete(first);
  }

 private:
  // What few requests have.
  struct More {
    explicit More(const Propagation& how) noexcept : baggage(how) {}

    FoundBaggage baggage;
    W3cState state;
    std::string debug_id;
  };

  [[gnu::noinline]] void see_candidate(std::uint32_t candidates, std::string_view name, std::string_view value) noexcept {
    const HeaderKind kind = table_.find(name, candidates);
    if (kind == HeaderKind::none) return;
    ++headers_;
    switch (kind) {
      case HeaderKind::jaeger_context: return see_jaeger(value);
      case HeaderKind::w3c_parent: return w3c_.see(value, losses_);
      default: return see_other(kind, name, value);
    }
  }

  void see_jaeger(std::string_view value) noexcept {
    if (!jaeger_.is_valid() && !read_trace_header(value, jaeger_)) ++losses_.decoding_errors;
  }

  [[gnu::noinline]] void see_other(HeaderKind kind, std::string_view name, std::string_view value) noexcept {
    switch (kind) {
      case HeaderKind::b3_single: return b3_.see_single(value, losses_);
      case HeaderKind::b3_trace_id: return b3_.see_trace_id(value, losses_);
      case HeaderKind::b3_span_id: return b3_.see_span_id(value, losses_);
      case HeaderKind::b3_sampled: return b3_.see_sampled(value, losses_);
      case HeaderKind::b3_flags: return b3_.see_flags(value, losses_);
      default: return see_more(kind, name, value);
    }
  }

  void see_more(HeaderKind kind, std::string_view name, std::string_view value) noexcept {
    try {
      if (!more_) more_.emplace(how());
      take_more(kind, name, value);
    } catch (const std::bad_alloc&) {
      ++losses_.baggage_dropped;
    }
  }

  void take_more(HeaderKind kind, std::string_view name, std::string_view value) {
    FoundBaggage& baggage = more_->baggage;
    switch (kind) {
      case HeaderKind::w3c_state: return more_->state.see(value);
      case HeaderKind::w3c_baggage: return parse_w3c_baggage(value, baggage, losses_);
      case HeaderKind::jaeger_baggage:
        return read_jaeger_baggage(how(), name.substr(how().baggage_header_prefix.view().size()), value, baggage, losses_);
      case HeaderKind::b3_baggage: return read_b3_baggage(name.substr(kB3BaggagePrefix.size()), value, baggage, losses_);
      case HeaderKind::debug_id: more_->debug_id = decode_baggage(trim_header(value)); return;
      case HeaderKind::debug_baggage:
        return visit_debug_baggage(decode_baggage(value), [&](std::string_view key, std::string_view its_value) {
          baggage.add(Format::jaeger, key, its_value, {}, losses_);
        });
      default: return;
    }
  }

  const FoundContext& context_of(Format format) const noexcept {
    switch (format) {
      case Format::jaeger: return jaeger_;
      case Format::w3c_context: return w3c_.context();
      case Format::w3c_baggage: break;
      case Format::b3_multi:
      case Format::b3_single: return b3_context_;
    }
    return none_;
  }

  const FoundContext& choose() const noexcept {
    for (const Format format : how().formats()) {
      if (const FoundContext& context = context_of(format); context.is_valid()) return context;
    }
    return b3_context_;  // a decision, maybe
  }

  [[gnu::noinline]] SpanContext complete(const FoundContext& first) noexcept {
    if (!first.is_valid() && more_ && !more_->debug_id.empty()) return debug_context();
    return FoundContext{first.trace_id, first.span_id, complete_flags(first)}.with(make_block(first));
  }

  // With what other formats know of the very same span, or of the trace.
  std::uint32_t complete_flags(const FoundContext& first) const noexcept {
    constexpr std::uint32_t kDebug = SpanContext::kSampled | SpanContext::kDebug;
    std::uint32_t flags = first.flags;
    if (!first.is_valid()) return flags;
    for (const FoundContext* other : {&jaeger_, &b3_context_}) {
      if (*other == first && other->has(kDebug) && first.has(SpanContext::kSampled)) flags |= SpanContext::kDebug;
    }
    if (is_of_w3c(first.trace_id) && !w3c_.context().has(SpanContext::kNotRandom)) flags &= ~SpanContext::kNotRandom;
    return flags;
  }

  bool is_of_w3c(TraceId trace) const noexcept { return w3c_.context().is_valid() && w3c_.context().trace_id == trace; }

  // Baggage and tracestate.
  const Baggage* make_block(const FoundContext& first) noexcept {
    if (!more_) return nullptr;
    try {
      return more_->baggage.make(is_of_w3c(first.trace_id) ? more_->state.take(losses_) : std::string());
    } catch (const std::bad_alloc&) {
      ++losses_.baggage_dropped;
      return nullptr;
    }
  }

  // A caller without a trace, who wants one that is kept.
  SpanContext debug_context() noexcept {
    try {
      more_->baggage.add(Format::jaeger, kDebugIdHeader, more_->debug_id, {}, losses_);
      return SpanContext({}, {}, SpanContext::kSampled | SpanContext::kDebug, more_->baggage.make({}));
    } catch (const std::bad_alloc&) {
      ++losses_.baggage_dropped;
      return {};
    }
  }

  const Propagation& how() const noexcept { return table_.how(); }

  Losses& losses_;
  const HeaderTable& table_;
  std::size_t headers_ = 0;  // that were one of theirs
  FoundContext jaeger_;
  W3cParent w3c_;
  B3Reader b3_;
  FoundContext b3_context_;
  FoundContext none_;
  std::optional<More> more_;
};

}  // namespace

void inject(const Propagation& how, const SpanContext& context, HeaderSink sink, Losses& losses) {
  if (!context.is_valid()) return;
  for (const Format format : how.formats()) inject_one(format, how, context, sink, losses);
  if (context.has_baggage() && has_b3(how) && !has_baggage_format(how)) inject_b3_baggage(context, sink);
}

SpanContext extract(const HeaderTable& table, const void* carrier, void (*visit)(const void* carrier, HeaderVisitor),
                    Losses& losses) {
  Extraction found(table, losses);
  visit(carrier, {&found, [](void* state, std::string_view name, std::string_view value) {
                    static_cast<Extraction*>(state)->see(name, value);
                  }});
  return found.finish();
}

}  // namespace jtrace::inline v1::detail
