#include "propagation/jaeger_debug.h"

namespace jtrace::inline v1::detail {

std::string_view debug_id_of(const SpanContext& context) noexcept {
  return context.baggage() ? baggage_item(context.baggage(), kDebugIdHeader) : std::string_view();
}

const Baggage* without_debug_id(const Baggage* baggage) noexcept {
  const Baggage* rest = nullptr;
  baggage->visit([&](std::string_view key, std::string_view value) {
    if (key == kDebugIdHeader) return;
    const Baggage* more = Baggage::with(rest, key, value);
    if (!more) return;
    if (rest) rest->release();
    rest = more;
  });
  return rest;
}

}  // namespace jtrace::inline v1::detail
