// Carriers for what is not a map of headers: raw header text, the environment of processes, and Jaeger's binary form.
//
//   jtrace::inject(jtrace::RawHeadersWriter(request));            // "traceparent: 00-…\r\n" and others, appended to a text
//   auto parent = jtrace::extract(jtrace::RawHeaders(request));   // out of such a text
//
//   jtrace::ChildEnvironment environment;                         // a copy of this process's
//   jtrace::inject(environment);                                  // TRACEPARENT, UBER_TRACE_ID, …
//   execve(path, arguments, environment.data());                  // and over there:
//   auto parent = jtrace::extract(jtrace::OwnEnvironment());
//
// Malformed input never throws; it is counted, and gives an invalid context. Not included by jtrace.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jtrace/propagation.h"

namespace jtrace::inline v1 {

namespace detail {
JTRACE_API void visit_raw_headers(std::string_view text, HeaderVisitor);
JTRACE_API void set_raw_header(std::string& text, std::string_view name, std::string_view value);
JTRACE_API void visit_environment(const char* const* variables, HeaderVisitor);
JTRACE_API void visit_own_environment(HeaderVisitor);
JTRACE_API std::vector<std::string> copy_own_environment();
JTRACE_API void set_in_environment(std::vector<std::string>& variables, std::string_view header, std::string_view value);

JTRACE_API void inject_binary(const TracerHead*, const SpanContext&, HeaderSink);
JTRACE_API SpanContext extract_binary(const TracerHead*, std::string_view bytes);
}  // namespace detail

// Lines of "Name: value", ended by CRLF or LF; an empty line ends the headers. What is no such line, as a request's first one, is passed
// over, and so is a header that goes on in a second line. Borrows the text.
class RawHeaders {
 public:
  explicit RawHeaders(Text text JTRACE_BORROWS) noexcept : text_(text) {}

  template <class F>
  void visit(F&& see) const {
    detail::visit_raw_headers(text_, {&see, [](void* state, std::string_view name, std::string_view value) {
                                        (*static_cast<std::remove_reference_t<F>*>(state))(name, value);
                                      }});
  }

 private:
  std::string_view text_;
};

// Adds "name: value\r\n" to a text; before the empty line, if it has one. A header that is there already is replaced.
class RawHeadersWriter {
 public:
  explicit RawHeadersWriter(std::string& text JTRACE_BORROWS) noexcept : text_(&text) {}

  void set(std::string_view name, std::string_view value) { detail::set_raw_header(*text_, name, value); }

 private:
  std::string* text_;
};

// The environment that a child process is to get: "TRACEPARENT=…" for the header traceparent, and so on: capital letters, '_' for
// '-', and '__' for '_', so that baggage keys survive.
class ChildEnvironment {
 public:
  // A copy of this process's; as with getenv, nobody else may be changing that meanwhile.
  ChildEnvironment() : variables_(detail::copy_own_environment()) {}
  explicit ChildEnvironment(std::vector<std::string> variables) : variables_(std::move(variables)) {}

  void set(std::string_view header, std::string_view value) { detail::set_in_environment(variables_, header, value); }

  const std::vector<std::string>& variables() const& noexcept { return variables_; }
  // For execve and posix_spawn: null at the end. Valid until the next call on this object.
  char* const* data() {
    pointers_.clear();
    for (std::string& variable : variables_) pointers_.push_back(variable.data());
    pointers_.push_back(nullptr);
    return pointers_.data();
  }

 private:
  std::vector<std::string> variables_;
  std::vector<char*> pointers_;
};

// What a parent process left in this one's environment.
class OwnEnvironment {
 public:
  template <class F>
  void visit(F&& see) const {
    detail::visit_own_environment({&see, [](void* state, std::string_view name, std::string_view value) {
                                     (*static_cast<std::remove_reference_t<F>*>(state))(name, value);
                                   }});
  }
};

// Jaeger's binary form: the same bytes as those of its clients for Go, Java and Python. Empty for an invalid context.
inline std::string inject_binary(const SpanContext& context) {
  std::string bytes;
  detail::inject_binary(nullptr, context, {&bytes, [](void* to, std::string_view, std::string_view written) {
                                             *static_cast<std::string*>(to) = written;
                                           }});
  return bytes;
}
inline SpanContext extract_binary(std::string_view bytes) { return detail::extract_binary(nullptr, bytes); }

}  // namespace jtrace::inline v1
