// The second process of a trace: takes the context that its parent left in the environment, or gave it as an argument, and traces below it.
// Endpoint and formats are those of the environment too. Prints its baggage item "user".
//
//   jaeger-child                  the context is in the environment
//   jaeger-child headers TEXT     in raw headers
//   jaeger-child binary DIGITS    in Jaeger's binary form, in hexadecimal
#include <jtrace/carriers.h>
#include <jtrace/jtrace.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string bytes_of(std::string_view digits) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
    bytes += static_cast<char>(std::strtol(std::string(digits.substr(at, 2)).c_str(), nullptr, 16));
  return bytes;
}

jtrace::SpanContext parent_of(int count, char** arguments) {
  if (count < 3) return jtrace::extract(jtrace::OwnEnvironment());
  const std::string_view form = arguments[1];
  return form == "binary" ? jtrace::extract_binary(bytes_of(arguments[2])) : jtrace::extract(jtrace::RawHeaders(arguments[2]));
}

}  // namespace

int main(int count, char** arguments) {
  const jtrace::SpanContext parent = parent_of(count, arguments);
  {
    auto server = jtrace::start_active_span("server", {.child_of = parent, .kind = jtrace::Kind::server});
    auto work = jtrace::start_span("work");
  }
  std::printf("user=%s\n", std::string(parent.baggage_item("user")).c_str());
  return jtrace::tracer().close(std::chrono::seconds(30)) ? 0 : 1;
}
