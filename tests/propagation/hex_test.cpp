// Ids as digits and back: this platform's way and the one for all others do the same.
#include <doctest/doctest.h>

#include <bit>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>

#include "propagation/hex.h"
#include "record/seed.h"

// The general one beside this platform's, where that is another.
#if defined(__x86_64__)
#define detail general
#include "platform/generic/hex_digits.h"
#undef detail
#else
namespace jtrace {
namespace general = detail;
}
#endif

namespace {

using namespace jtrace::detail;

std::string printed(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

TEST_CASE("an id is written as printf does it, and read again") {
  std::mt19937_64 random(fixture::announced_seed());
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random() >> (random() % 64);
    char text[16], general[16];
    write_hex(text, value);
    jtrace::general::write_hex_digits(general, value);
    REQUIRE(std::string(text, 16) == printed(value));
    REQUIRE(std::string(general, 16) == printed(value));
    REQUIRE(parse_hex({text, 16}, HexCase::lower) == value);
  }
}

TEST_CASE("any byte in any place is a digit or not, by this platform's way and by the general one") {
  for (const bool allow_capitals : {false, true}) {
    for (std::size_t at = 0; at < 16; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        char text[17] = "0123456789abcdef";
        text[at] = static_cast<char>(byte);
        const bool is_digit = std::isxdigit(byte) != 0 && (allow_capitals || std::isupper(byte) == 0);
        std::uint64_t value = 0, general = 0;
        REQUIRE(read_hex_digits(text, allow_capitals, value) == is_digit);
        REQUIRE(jtrace::general::read_hex_digits(text, allow_capitals, general) == is_digit);
        if (!is_digit) continue;
        REQUIRE(value == std::stoull(text, nullptr, 16));
        REQUIRE(general == value);
      }
    }
  }
}

TEST_CASE("1 to 16 digits are an id, none and 17 are not") {
  CHECK(parse_hex("f") == 15u);
  CHECK(parse_hex("0aB") == 0xabu);
  CHECK_FALSE(parse_hex("0aB", HexCase::lower).has_value());
  CHECK(parse_hex("123456789abcdef") == 0x123456789abcdefu);
  CHECK_FALSE(parse_hex("").has_value());
  CHECK_FALSE(parse_hex("00000000000000001").has_value());
  CHECK_FALSE(parse_hex("1g").has_value());
}
