#include "transport/partial_success.h"

#include <charconv>

namespace jtrace::inline v1::detail {
namespace {

// Takes a varint off the front; one that is cut is 0.
std::uint64_t take_varint(std::string_view& from) noexcept {
  std::uint64_t value = 0;
  for (unsigned shift = 0; !from.empty() && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  return 0;
}

// 0a size { 08 rejected-spans  12 error-message }
std::uint64_t of_protobuf(std::string_view answer) noexcept {
  if (!answer.starts_with('\x0a')) return 0;
  answer.remove_prefix(1);
  take_varint(answer);
  if (!answer.starts_with('\x08')) return 0;
  answer.remove_prefix(1);
  return take_varint(answer);
}

// {"partialSuccess":{"rejectedSpans":"5","errorMessage":"…"}}, the number as text or not.
std::uint64_t of_json(std::string_view answer) noexcept {
  constexpr std::string_view kName = "\"rejectedSpans\"";
  const std::size_t name = answer.find(kName);
  if (name == std::string_view::npos) return 0;
  const std::size_t digits = answer.find_first_not_of(" \t\r\n:\"", name + kName.size());
  std::uint64_t count = 0;
  if (digits != std::string_view::npos) std::from_chars(answer.data() + digits, answer.data() + answer.size(), count);
  return count;
}

}  // namespace

std::uint64_t rejected_spans(std::string_view answer, Protocol protocol) noexcept {
  return protocol == Protocol::http_json ? of_json(answer) : of_protobuf(answer);
}

}  // namespace jtrace::inline v1::detail
