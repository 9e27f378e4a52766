// Sixteen hex digits at a time, by SSE2, which every x86-64 has.
#pragma once

#include <emmintrin.h>

#include <cstdint>

namespace jtrace::inline v1::detail {

inline void write_hex_digits(char* to, std::uint64_t value) noexcept {
  const __m128i bytes = _mm_cvtsi64_si128(static_cast<long long>(__builtin_bswap64(value)));
  const __m128i low = _mm_set1_epi8(15);
  const __m128i digits = _mm_unpacklo_epi8(_mm_and_si128(_mm_srli_epi64(bytes, 4), low), _mm_and_si128(bytes, low));
  const __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(digits, _mm_set1_epi8(9)), _mm_set1_epi8('a' - '0' - 10));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_add_epi8(_mm_add_epi8(digits, _mm_set1_epi8('0')), letters));
}

// False if one is none, or a capital where those are not allowed.
inline bool read_hex_digits(const char* from, bool allow_capitals, std::uint64_t& value) noexcept {
  const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const auto is_below = [](__m128i number, char most) {
    return _mm_cmpeq_epi8(_mm_min_epu8(number, _mm_set1_epi8(most)), number);
  };
  const __m128i folded = allow_capitals ? _mm_or_si128(text, _mm_set1_epi8(0x20)) : text;
  const __m128i are_digits = is_below(_mm_sub_epi8(text, _mm_set1_epi8('0')), 9);
  const __m128i are_letters = is_below(_mm_sub_epi8(folded, _mm_set1_epi8('a')), 5);
  const __m128i digits = _mm_add_epi8(_mm_and_si128(text, _mm_set1_epi8(15)), _mm_and_si128(are_letters, _mm_set1_epi8(9)));
  const __m128i pairs = _mm_and_si128(_mm_or_si128(_mm_slli_epi16(digits, 4), _mm_srli_epi16(digits, 8)), _mm_set1_epi16(0xff));
  value = __builtin_bswap64(static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_packus_epi16(pairs, pairs))));
  return _mm_movemask_epi8(_mm_or_si128(are_digits, are_letters)) == 0xffff;
}

}  // namespace jtrace::inline v1::detail
