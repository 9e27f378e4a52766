// Inject and extract: a context into a carrier's headers, and back out of them.
//
// A carrier to inject into: a callable (key, value), or anything with insert_or_assign, erase and emplace, set,
// AddMetadata or emplace_back. Injecting twice leaves one header wherever the carrier can replace. A carrier to
// extract from: a range of pairs (a map, a list of pairs; texts or parts with data() and size()), something with visit(f), or
// a request with a member `headers` of that kind. Raw header text, environments and Jaeger's binary form: carriers.h.
// Header names are compared without case. Malformed headers never throw: they are counted, and give an invalid context, which
// starts a new trace. Which headers: the setting `propagation` of the tracer, see docs/propagation.md; by default Jaeger's and
// the W3C's. The free functions go by the active span's tracer, else by the global one; where that is off, by the defaults.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "jtrace/span.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1 {

namespace detail {

struct HeaderSink {
  void* to;
  void (*put)(void* to, std::string_view key, std::string_view value);
};
struct HeaderVisitor {
  void* state;
  void (*see)(void* state, std::string_view key, std::string_view value);
  void operator()(std::string_view key, std::string_view value) const { see(state, key, value); }
};
// A null head: the active span's tracer, else the global one.
JTRACE_API void inject(const TracerHead*, const SpanContext&, HeaderSink);
JTRACE_API SpanContext extract(const TracerHead*, const void* carrier, void (*visit)(const void* carrier, HeaderVisitor));

template <class T>
concept HeaderText = TextLike<T> || requires(const T& text) {
  { text.data() } -> std::convertible_to<const char*>;
  { text.size() } -> std::convertible_to<std::size_t>;
};
template <HeaderText T>
constexpr std::string_view header_text(const T& text) {
  if constexpr (TextLike<T>) {
    return Text(text);
  } else {
    return {text.data(), text.size()};
  }
}
template <class C>
concept PairRange = requires(const C& carrier) {
  header_text(carrier.begin()->first);
  header_text(carrier.begin()->second);
  carrier.end();
};

template <class C>
void put_header(C& carrier, std::string_view key, std::string_view value) {
  if constexpr (std::invocable<C&, std::string_view, std::string_view>) {
    carrier(key, value);
  } else if constexpr (requires {
                         carrier.insert_or_assign(typename C::key_type(key), typename C::mapped_type(value));
                       }) {
    carrier.insert_or_assign(typename C::key_type(key), typename C::mapped_type(value));
  } else if constexpr (requires {
                         carrier.erase(typename C::key_type(key));
                         carrier.emplace(key, value);
                       }) {
    carrier.erase(typename C::key_type(key));
    carrier.emplace(key, value);
  } else if constexpr (requires { carrier.set(key, value); }) {
    carrier.set(key, value);
  } else if constexpr (requires { carrier.AddMetadata(std::string(key), std::string(value)); }) {
    carrier.AddMetadata(std::string(key), std::string(value));
  } else {
    carrier.emplace_back(key, value);
  }
}

}  // namespace detail

template <class C>
concept HeaderSource = detail::PairRange<C> || requires(const C& carrier, detail::HeaderVisitor see) {
  carrier.visit(see);
} || requires(const C& carrier) { requires detail::PairRange<std::remove_cvref_t<decltype(carrier.headers)>>; };

namespace detail {

template <HeaderSource C>
SpanContext extract_from(const TracerHead* head, const C& carrier) {
  if constexpr (requires { requires PairRange<std::remove_cvref_t<decltype(carrier.headers)>>; }) {
    return extract_from(head, carrier.headers);
  } else {
    return extract(head, &carrier, [](const void* pointer, HeaderVisitor see) {
      const C& source = *static_cast<const C*>(pointer);
      if constexpr (PairRange<C>) {
        for (const auto& [key, value] : source) see(header_text(key), header_text(value));
      } else {
        source.visit(see);
      }
    });
  }
}

template <class C>
void inject_into(const TracerHead* head, const SpanContext& context, C& carrier) {
  inject(head, context, {const_cast<void*>(static_cast<const void*>(std::addressof(carrier))),
                         [](void* to, std::string_view key, std::string_view value) {
                           put_header(*static_cast<C*>(to), key, value);
                         }});
}

}  // namespace detail

// The context in a carrier's headers; invalid if there is none. Throws only what the carrier's own iteration throws.
template <HeaderSource C>
SpanContext extract(const C& carrier) {
  return detail::extract_from(nullptr, carrier);
}

// An invalid context injects nothing. Throws only what the carrier itself throws.
template <class C>
void inject(const SpanContext& context, C&& carrier) {
  detail::inject_into(nullptr, context, carrier);
}
// The active context.
template <class C>
void inject(C&& carrier) {
  detail::inject_into(nullptr, active_context(), carrier);
}

template <class C>
void Tracer::inject(const SpanContext& context, C&& carrier) const {
  detail::inject_into(head_, context, carrier);
}
template <class C>
SpanContext Tracer::extract(const C& carrier) const {
  return detail::extract_from(head_, carrier);
}

}  // namespace jtrace::inline v1
