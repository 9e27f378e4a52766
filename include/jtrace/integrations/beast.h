// BeastHeaders: a request of Boost.Beast, or any other range of fields with name_string() and value(), as a carrier.
//
//   auto span = jtrace::start_active_span("GET /orders", {.child_of = jtrace::extract(jtrace::BeastHeaders(request)), .kind = jtrace::Kind::server});
//   jtrace::inject(jtrace::BeastHeaders(request));             // replaces what is there
//
// It shows how any framework's request becomes a HeaderSource: by visit(f), which calls f(name, value) for each header. Borrows the request.
#pragma once

#include <string_view>
#include <type_traits>

#include "jtrace/propagation.h"

namespace jtrace::inline v1 {

template <class Message>
class BeastHeaders {
 public:
  explicit BeastHeaders(Message& message JTRACE_BORROWS) noexcept : message_(&message) {}

  template <class F>
  void visit(F&& see) const {
    for (const auto& field : *message_) see(view_of(field.name_string()), view_of(field.value()));
  }

  void set(std::string_view name, std::string_view value)
    requires(!std::is_const_v<Message>)
  {
    message_->set({name.data(), name.size()}, decltype(message_->begin()->value())(value.data(), value.size()));
  }

 private:
  // Boost's string_view is not always the standard's.
  template <class T>
  static std::string_view view_of(const T& text) {
    return {text.data(), text.size()};
  }

  Message* message_;
};

}  // namespace jtrace::inline v1
