// A small language for formats: headers through a list of them, and contexts as text.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/baggage.h"
#include "propagation/header_table.h"
#include "propagation/propagation.h"

namespace fixture {

using jtrace::SpanContext;
using namespace jtrace::detail;
using Headers = std::vector<std::pair<std::string, std::string>>;

inline Propagation formats(std::initializer_list<Format> list) {
  Propagation how;
  how.count = 0;
  for (const Format format : list) how.list[how.count++] = format;
  return how;
}
inline Propagation w3c() { return formats({Format::w3c_context, Format::w3c_baggage}); }

struct Read {
  SpanContext context;
  Losses losses;
};
inline Read read(const Propagation& how, const Headers& headers) {
  Read read;
  read.context = extract(HeaderTable(how), &headers,
                         [](const void* carrier, HeaderVisitor see) {
                           for (const auto& [name, value] : *static_cast<const Headers*>(carrier)) see(name, value);
                         },
                         read.losses);
  return read;
}

inline Headers write(const Propagation& how, const SpanContext& context, Losses* losses = nullptr) {
  Headers headers;
  Losses here;
  inject(how, context,
         {&headers,
          [](void* to, std::string_view name, std::string_view value) {
            static_cast<Headers*>(to)->emplace_back(name, value);
          }},
         losses ? *losses : here);
  return headers;
}

// "name: value" a line.
inline std::string shown(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers) text += name + ": " + value + "\n";
  return text;
}

inline std::string baggage(const SpanContext& context) {
  std::string text;
  context.visit_baggage([&](std::string_view key, std::string_view value) {
    text.append(key).append("=").append(value) += ';';
  });
  return text;
}

// "trace span flags", the ids in hex, with "random" and "undecided" where they are so; "none", or "none" and a decision.
inline std::string shown(const SpanContext& context) {
  if (!context.is_valid()) {
    if ((context.all_flags() & SpanContext::kDecided) == 0) return "none";
    return "none, decided " + std::to_string(context.flags());
  }
  std::string text = context.trace_id().hex().str() + " " + context.span_id().hex().str() + " " + std::to_string(context.flags());
  if (context.has_random_trace_id()) text += " random";
  if ((context.all_flags() & SpanContext::kUndecided) != 0) text += " undecided";
  return text;
}

}  // namespace fixture
