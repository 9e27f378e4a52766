#include "encode/halves.h"

#include <cstring>

#include "encode/cursor.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kFieldHead = 3;

std::uint32_t load32(const char* at) noexcept {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return big(value);
}

const char* behind_struct(const char* at) noexcept;

// Behind a value of one of the types that the encoder writes.
const char* behind(char type, const char* at) noexcept {
  switch (static_cast<std::uint32_t>(type)) {
    case kBool:
      return at + 1;
    case kI32:
      return at + 4;
    case kString:
      return at + 4 + load32(at);
    case kStruct:
      return behind_struct(at);
    case kList: {
      const std::uint32_t count = load32(at + 1);
      const char* next = at + 5;
      for (std::uint32_t i = 0; i < count; ++i) next = behind(*at, next);
      return next;
    }
    default:  // a double or a long
      return at + 8;
  }
}

const char* behind_struct(const char* at) noexcept {
  while (*at != 0) at = behind(*at, at + kFieldHead);
  return at + 1;
}

bool append(Buffer& to, const char* from, const char* end) noexcept {
  const auto size = static_cast<std::size_t>(end - from);
  if (!to.reserve(size)) return false;
  std::memcpy(to.end(), from, size);
  to.end_at(to.end() + size);
  return true;
}

}  // namespace

bool halve(Batch& batch, Batch& rest) noexcept {
  if (batch.spans < 2) return false;
  char* const begin = batch.body.data();
  // batch := 0c 0001 process 0f 0002 0c count span* 00
  const char* const process_end = behind_struct(begin + kFieldHead);
  const char* const spans = process_end + Cursor::kListHead;
  const std::uint32_t kept = batch.spans - batch.spans / 2;
  const char* middle = spans;
  for (std::uint32_t i = 0; i < kept; ++i) middle = behind_struct(middle);

  rest.clear();
  if (!append(rest.body, begin, spans) || !append(rest.body, middle, batch.body.end())) return false;
  rest.spans = batch.spans - kept;
  rest.built = batch.built;
  rest.number = batch.number;
  batch.spans = kept;
  char* const end = begin + (middle - begin);
  *end = 0;
  batch.body.end_at(end + 1);
  for (Batch* half : {&batch, &rest}) {
    half->is_half = true;
    Cursor::store32(half->body.data() + (spans - begin) - 4, half->spans);
  }
  return true;
}

}  // namespace jtrace::inline v1::detail
