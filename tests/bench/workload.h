// The span that everything here is measured with: a name, one short text tag, one integer tag.
#pragma once

#include "jtrace/tracer.h"

namespace bench {

inline constexpr int kHttpOk = 200;

inline void trace_call(const jtrace::Tracer& tracer, int status = kHttpOk) {
  jtrace::Span span = tracer.start_span("get_user");
  span.set_tag("http.method", "GET");
  span.set_tag("http.status_code", status);
}

inline void trace_calls(const jtrace::Tracer& tracer, int count) {
  for (int i = 0; i < count; ++i) trace_call(tracer, i);
}

}  // namespace bench
