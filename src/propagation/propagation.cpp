#include "propagation/propagation.h"

#include <algorithm>
#include <new>
#include <string>

#include "propagation/b3_format.h"
#include "propagation/found_baggage.h"
#include "propagation/jaeger_debug.h"
#include "propagation/jaeger_format.h"
#include "propagation/percent.h"
#include "propagation/w3c_baggage.h"
#include "propagation/w3c_format.h"

namespace jtrace::inline v1::detail {
namespace {

bool has(const Propagation& how, Format wanted) noexcept {
  const auto formats = how.formats();
  return std::find(formats.begin(), formats.end(), wanted) != formats.end();
}

bool has_baggage_format(const Propagation& how) noexcept {
  return has(how, Format::jaeger) || has(how, Format::w3c_baggage);
}

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
  Extraction(const Propagation& how, Losses& losses) noexcept
      : losses_(losses), how_(how), jaeger_(how), baggage_(how), formats_(how.formats()) {
    if (formats_.empty()) return;
    letters_ = letter(how.debug_id_header.view().front()) | letter(how.baggage_header.view().front());
    for (const Format format : formats_) expect(format);
  }

  // Most headers of a request are nobody's here, and told by their first letter.
  [[gnu::always_inline]] void see(std::string_view name, std::string_view value) noexcept {
    if (name.empty() || (letters_ & letter(name.front())) == 0) return;
    if (see_by_formats(name, value)) ++headers_;
  }

  SpanContext finish() noexcept {
    if (reads_b3_) b3_context_ = b3_.finish(losses_);
    const SpanContext& first = choose();
    const bool is_alone = headers_ == 1 && first.is_valid();  // nothing to complete it
    if (is_alone) [[likely]] return SpanContext(first.trace_id(), first.span_id(), first.all_flags(), nullptr);
    if (!first.is_valid() && !debug_id_.empty()) return debug_context();
    return SpanContext(first.trace_id(), first.span_id(), complete(first), make_block(first));
  }

 private:
  // In either case.
  static std::uint32_t letter(char c) noexcept { return 1u << (c & 31); }

  void expect(Format format) noexcept {
    switch (format) {
      case Format::jaeger:
        reads_jaeger_ = true;
        letters_ |= letter(how_.trace_id_header.view().front()) | letter(how_.baggage_header_prefix.view().front());
        return;
      case Format::w3c_context:
        reads_w3c_ = true;
        letters_ |= letter('t');
        return;
      case Format::w3c_baggage:
        reads_w3c_baggage_ = true;
        letters_ |= letter('b');
        return;
      case Format::b3_multi:
      case Format::b3_single:
        reads_b3_ = true;
        letters_ |= letter('b') | letter('x');
        return;
    }
  }

  // Is it one of theirs?
  bool see_by_formats(std::string_view name, std::string_view value) noexcept {
    try {
      if (reads_jaeger_ && jaeger_.see(name, value, baggage_, losses_)) return true;
      if (reads_w3c_ && w3c_.see(name, value, losses_)) return true;
      if (reads_w3c_baggage_ && same_header(name, kW3cBaggage)) {
        parse_w3c_baggage(value, baggage_, losses_);
        return true;
      }
      return (reads_b3_ && b3_.see(name, value, baggage_, losses_)) || see_by_hand(name, value);
    } catch (const std::bad_alloc&) {
      ++losses_.baggage_dropped;
      return true;
    }
  }

  // What somebody who debugs sends; whatever the formats are.
  bool see_by_hand(std::string_view name, std::string_view value) {
    if (how_.debug_id_header.is(name)) {
      debug_id_ = decode_baggage(trim_header(value));
    } else if (how_.baggage_header.is(name)) {
      visit_debug_baggage(decode_baggage(value), [this](std::string_view key, std::string_view its_value) {
        baggage_.add(Format::jaeger, key, its_value, {}, losses_);
      });
    } else {
      return false;
    }
    return true;
  }

  // A caller without a trace, who wants one that is kept.
  SpanContext debug_context() noexcept {
    try {
      baggage_.add(Format::jaeger, kDebugIdHeader, debug_id_, {}, losses_);
      return SpanContext({}, {}, SpanContext::kSampled | SpanContext::kDebug, baggage_.make({}));
    } catch (const std::bad_alloc&) {
      ++losses_.baggage_dropped;
      return {};
    }
  }

  const SpanContext& context_of(Format format) const noexcept {
    switch (format) {
      case Format::jaeger: return jaeger_.context();
      case Format::w3c_context: return w3c_.context();
      case Format::w3c_baggage: break;
      case Format::b3_multi:
      case Format::b3_single: return b3_context_;
    }
    return none_;
  }

  const SpanContext& choose() const noexcept {
    for (const Format format : formats_) {
      if (const SpanContext& context = context_of(format); context.is_valid()) return context;
    }
    return b3_context_;  // a decision, maybe
  }

  // The flags, with what other formats know of the very same span, or of the trace.
  std::uint32_t complete(const SpanContext& first) const noexcept {
    std::uint32_t flags = first.all_flags();
    if (!first.is_valid()) return flags;
    for (const SpanContext* other : {&jaeger_.context(), &b3_context_}) {
      if (*other == first && other->is_sampled() && other->is_debug() && first.is_sampled()) flags |= SpanContext::kDebug;
    }
    if (w3c_.context().trace_id() == first.trace_id() && w3c_.context().has_random_trace_id())
      flags &= ~SpanContext::kNotRandom;
    return flags;
  }

  const Baggage* make_block(const SpanContext& first) noexcept {
    try {
      const bool is_traced_by_w3c = w3c_.context().is_valid() && w3c_.context().trace_id() == first.trace_id();
      return baggage_.make(is_traced_by_w3c ? w3c_.take_trace_state(losses_) : std::string());
    } catch (const std::bad_alloc&) {
      ++losses_.baggage_dropped;
      return nullptr;
    }
  }

  Losses& losses_;
  const Propagation& how_;
  JaegerReader jaeger_;
  W3cReader w3c_;
  B3Reader b3_;
  SpanContext b3_context_;
  const SpanContext none_;
  FoundBaggage baggage_;
  std::string debug_id_;
  const std::span<const Format> formats_;
  bool reads_jaeger_ = false, reads_w3c_ = false, reads_w3c_baggage_ = false, reads_b3_ = false;
  std::uint32_t letters_ = 0;
  std::size_t headers_ = 0;  // that were one of theirs
};

}  // namespace

void inject(const Propagation& how, const SpanContext& context, HeaderSink sink, Losses& losses) {
  if (!context.is_valid()) return;
  for (const Format format : how.formats()) inject_one(format, how, context, sink, losses);
  if (context.has_baggage() && (has(how, Format::b3_multi) || has(how, Format::b3_single)) && !has_baggage_format(how)) inject_b3_baggage(context, sink);
}

SpanContext extract(const Propagation& how, const void* carrier, void (*visit)(const void* carrier, HeaderVisitor),
                    Losses& losses) {
  Extraction found(how, losses);
  visit(carrier, {&found, [](void* state, std::string_view name, std::string_view value) {
                    static_cast<Extraction*>(state)->see(name, value);
                  }});
  return found.finish();
}

}  // namespace jtrace::inline v1::detail
