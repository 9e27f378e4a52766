#include "propagation/binary_format.h"

#include <optional>

#include "propagation/found_baggage.h"
#include "propagation/found_context.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::uint32_t kMostItems = 180;
constexpr std::size_t kMostItemBytes = 4096;  // key and value

template <class T>
void put(std::string& to, T value) {
  for (int shift = 8 * static_cast<int>(sizeof value) - 8; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift);
}

void put_text(std::string& to, std::string_view text) {
  put(to, static_cast<std::uint32_t>(text.size()));
  to += text;
}

// Takes what it reads off the front; once there is too little, everything is 0 and empty.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) noexcept : rest_(bytes) {}

  template <class T>
  T number() noexcept {
    std::uint64_t value = 0;
    for (const char c : take(sizeof(T))) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<T>(value);
  }
  std::string_view text() noexcept { return take(number<std::uint32_t>()); }
  bool is_at_end() const noexcept { return is_good_ && rest_.empty(); }
  bool is_good() const noexcept { return is_good_; }

 private:
  std::string_view take(std::size_t size) noexcept {
    is_good_ = is_good_ && size <= rest_.size();
    if (!is_good_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

bool read_items(Bytes& bytes, FoundBaggage& baggage, Losses& losses) {
  const auto count = bytes.number<std::uint32_t>();
  if (count > kMostItems) return false;
  for (std::uint32_t i = 0; i < count && bytes.is_good(); ++i) {
    const std::string_view key = bytes.text(), value = bytes.text();
    if (key.size() + value.size() > kMostItemBytes) return false;
    baggage.add(Format::jaeger, key, value, {}, losses);
  }
  return bytes.is_at_end();
}

// Empty: refused.
std::optional<SpanContext> read(const Propagation& how, std::string_view text, Losses& losses) {
  Bytes bytes(text);
  const TraceId trace{bytes.number<std::uint64_t>(), bytes.number<std::uint64_t>()};
  const SpanId span{bytes.number<std::uint64_t>()};
  bytes.number<std::uint64_t>();
  const std::uint32_t flags = bytes.number<std::uint8_t>() | SpanContext::kNotRandom;
  FoundBaggage baggage(how);
  if (!trace.is_valid() || !span.is_valid() || !read_items(bytes, baggage, losses)) return std::nullopt;
  return FoundContext{trace, span, flags}.with(baggage.make({}));
}

}  // namespace

std::string write_binary(const SpanContext& context, Losses& losses) {
  if (!context.is_valid()) return {};
  std::string items;
  std::uint32_t count = 0;
  context.visit_baggage([&](std::string_view key, std::string_view value) {
    if (count == kMostItems || key.size() + value.size() > kMostItemBytes) {
      ++losses.baggage_dropped;
      return;
    }
    put_text(items, key);
    put_text(items, value);
    ++count;
  });
  std::string bytes;
  put(bytes, context.trace_id().high);
  put(bytes, context.trace_id().low);
  put(bytes, context.span_id().value);
  put(bytes, std::uint64_t{0});
  put(bytes, static_cast<std::uint8_t>(context.flags()));
  put(bytes, count);
  return bytes + items;
}

SpanContext read_binary(const Propagation& how, std::string_view bytes, Losses& losses) {
  if (bytes.empty()) return {};
  auto context = read(how, bytes, losses);
  if (!context) ++losses.decoding_errors;
  return context ? *std::move(context) : SpanContext();
}

}  // namespace jtrace::inline v1::detail
