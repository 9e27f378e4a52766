// Bytes as each of the carriers that are no map: raw header text, an environment, and Jaeger's binary form. Whatever they are, a
// context that comes out goes in again and comes out the same.
#include <string>
#include <vector>

#include "core/baggage.h"
#include "fuzz.h"
#include "jtrace/carriers.h"
#include "propagation/binary_format.h"

using fuzz::require;
using jtrace::SpanContext;

namespace {

void check_raw(std::string_view bytes) {
  const SpanContext context = jtrace::extract(jtrace::RawHeaders(bytes));
  std::string text(bytes);
  const SpanContext other({1, 2}, {3}, true);
  jtrace::inject(other, jtrace::RawHeadersWriter(text));
  require(jtrace::extract(jtrace::RawHeaders(text)) == other, "what is written into headers is read from them");
  const std::string once = text;
  jtrace::inject(other, jtrace::RawHeadersWriter(text));
  require(text.size() == once.size(), "writing twice leaves one header of each");
  if (!context.is_valid()) return;
  std::string fresh;
  jtrace::inject(context, jtrace::RawHeadersWriter(fresh));
  require(jtrace::extract(jtrace::RawHeaders(fresh)) == context, "the ids survive the way");
}

void check_environment(std::string_view bytes) {
  std::vector<std::string> variables;
  for (const auto& [line, rest] : fuzz::lines_of(bytes, std::string_view("\0", 1))) variables.emplace_back(line);
  jtrace::ChildEnvironment environment(variables);
  const SpanContext other({1, 2}, {3}, true);
  jtrace::inject(other, environment);
  struct Variables {
    char* const* all;
    void visit(jtrace::detail::HeaderVisitor see) const { jtrace::detail::visit_environment(all, see); }
  };
  require(jtrace::extract(Variables{environment.data()}) == other, "what is put into an environment is found there");
}

void check_binary(std::string_view bytes) {
  using namespace jtrace::detail;
  Losses losses;
  const SpanContext context = read_binary(Propagation(), bytes, losses);
  if (!context.is_valid()) return;
  const std::string written = write_binary(context, losses);
  require(read_binary(Propagation(), written, losses) == context, "the ids survive the way");
  require(write_binary(read_binary(Propagation(), written, losses), losses) == written, "what is written stays as it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  check_raw(text);
  check_environment(text);
  check_binary(text);
  return 0;
}
