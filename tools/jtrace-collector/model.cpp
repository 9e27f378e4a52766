#include "model.h"

#include <bit>
#include <functional>

namespace jtrace::collector {
namespace {

// What malloc hands out for a request of so many bytes: a word of bookkeeping, rounded up to 16.
std::size_t allocated(std::size_t bytes) {
  return bytes == 0 ? 0 : ((bytes + sizeof(void*) + 15) & ~std::size_t{15});
}

// Short strings live inside the object and cost no allocation.
std::size_t heap_of(const std::string& text) {
  constexpr std::size_t kInPlace = 15;
  return text.capacity() <= kInPlace ? 0 : allocated(text.capacity() + 1);
}

std::size_t heap_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return heap_of(*text);
  if (const auto* binary = std::get_if<Binary>(&value)) return heap_of(binary->bytes);
  return 0;
}

std::size_t heap_of(const std::vector<Tag>& tags) {
  std::size_t bytes = allocated(tags.capacity() * sizeof(Tag));
  for (const Tag& tag : tags) bytes += heap_of(tag.key) + heap_of(tag.value);
  return bytes;
}

// Folds values into one number, each mixed so that their order counts.
class Fingerprint {
 public:
  void add(std::uint64_t value) {
    state_ = (state_ ^ value) * 0xff51afd7ed558ccdU;
    state_ ^= state_ >> 32;
  }
  void add_signed(std::int64_t value) { add(static_cast<std::uint64_t>(value)); }
  void add(std::string_view text) { add(static_cast<std::uint64_t>(std::hash<std::string_view>{}(text))); }

  void add(const Value& value) {
    add(value.index());
    if (const auto* text = std::get_if<std::string>(&value)) add(std::string_view(*text));
    if (const auto* number = std::get_if<double>(&value)) add(std::bit_cast<std::uint64_t>(*number));
    if (const auto* flag = std::get_if<bool>(&value)) add(*flag ? 1U : 0U);
    if (const auto* number = std::get_if<std::int64_t>(&value)) add_signed(*number);
    if (const auto* binary = std::get_if<Binary>(&value)) add(std::string_view(binary->bytes));
  }

  void add(const std::vector<Tag>& tags) {
    add(tags.size());
    for (const Tag& tag : tags) {
      add(std::string_view(tag.key));
      add(tag.value);
    }
  }

  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15U;
};

std::optional<unsigned> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::uint64_t parent_of(const Span& span) {
  std::uint64_t follows = 0;
  for (const Reference& reference : span.references) {
    if (reference.trace_id != span.trace_id) continue;
    if (!reference.follows_from) return reference.span_id;
    if (follows == 0) follows = reference.span_id;
  }
  return follows;
}

const Value* find_tag(const std::vector<Tag>& tags, std::string_view key) {
  for (auto tag = tags.rbegin(); tag != tags.rend(); ++tag) {
    if (tag->key == key) return &tag->value;
  }
  return nullptr;
}

bool is_error(const Span& span) {
  const Value* value = find_tag(span.tags, "error");
  const bool* flag = value ? std::get_if<bool>(value) : nullptr;
  return flag && *flag;
}

std::string span_kind(const Span& span) {
  const Value* value = find_tag(span.tags, "span.kind");
  const std::string* text = value ? std::get_if<std::string>(value) : nullptr;
  return text ? *text : std::string();
}

std::string to_hex(std::uint64_t id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t place = 16; place-- > 0; id >>= 4) text[place] = kDigits[id & 0xf];
  return text;
}

std::string to_hex(const TraceId& id) { return id.high == 0 ? to_hex(id.low) : to_full_hex(id); }

std::string to_full_hex(const TraceId& id) { return to_hex(id.high) + to_hex(id.low); }

std::optional<TraceId> parse_trace_id(std::string_view text) {
  if (text.empty() || text.size() > 32) return std::nullopt;
  TraceId id;
  for (char character : text) {
    const auto digit = hex_digit(character);
    if (!digit) return std::nullopt;
    id.high = (id.high << 4) | (id.low >> 60);
    id.low = (id.low << 4) | *digit;
  }
  return id;
}

std::size_t footprint(const Span& span) {
  // make_shared puts the span and its counters into one allocation.
  std::size_t bytes = allocated(sizeof(Span) + 2 * sizeof(void*));
  bytes += heap_of(span.operation) + heap_of(span.tags);
  bytes += allocated(span.references.capacity() * sizeof(Reference));
  bytes += allocated(span.logs.capacity() * sizeof(Log));
  for (const Log& log : span.logs) bytes += heap_of(log.fields);
  return bytes;
}

std::size_t footprint(const Process& process) {
  return allocated(sizeof(Process) + 2 * sizeof(void*)) + heap_of(process.service) + heap_of(process.tags);
}

std::uint64_t fingerprint(const Span& span) {
  Fingerprint print;
  print.add(span.trace_id.high);
  print.add(span.trace_id.low);
  print.add(span.span_id);
  print.add(std::string_view(span.operation));
  for (const Reference& reference : span.references) {
    print.add(reference.follows_from ? 1U : 2U);
    print.add(reference.trace_id.high);
    print.add(reference.trace_id.low);
    print.add(reference.span_id);
  }
  print.add_signed(span.flags);
  print.add_signed(span.start);
  print.add_signed(span.duration);
  print.add(span.tags);
  for (const Log& log : span.logs) {
    print.add_signed(log.timestamp);
    print.add(log.fields);
  }
  print.add(std::string_view(span.process->service));
  print.add(span.process->tags);
  return print.value();
}

}  // namespace jtrace::collector
