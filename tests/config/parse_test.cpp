// The parsers behind the settings: texts to truths, numbers, durations, sizes and tags, and every text that is none.
#include "config/parse.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/tags.h"
#include "support/comma_locale.h"
#include "support/environment.h"

namespace {

using namespace jtrace::detail;
using namespace std::chrono_literals;
using support::Environment;

// "key=value;key=value", or "refused".
std::string tags(const char* text) {
  const auto tags = parse_tags(text);
  if (!tags) return "refused";
  std::string shown;
  for (const auto& [key, value] : *tags) shown += (shown.empty() ? "" : ";") + key + "=" + value;
  return shown;
}

}  // namespace

TEST_CASE("a truth is one of the usual words, in any case") {
  for (const char* text : {"true", "TRUE", "True", "1", "yes", "on", "t", "T", " true\t"}) {
    CAPTURE(std::string(text));
    CHECK(parse_bool(text) == true);
  }
  for (const char* text : {"false", "FALSE", "0", "no", "Off", "f", " 0 "}) {
    CAPTURE(std::string(text));
    CHECK(parse_bool(text) == false);
  }
  for (const char* text : {"", " ", "2", "truth", "tru", "yess", "-1", "null", "01"}) {
    CAPTURE(std::string(text));
    CHECK(parse_bool(text) == std::nullopt);
  }
}

TEST_CASE("a number is the whole text, and finite") {
  CHECK(parse_number("0.5") == 0.5);
  CHECK(parse_number(" 1 ") == 1);
  CHECK(parse_number("-2") == -2);
  CHECK(parse_number("1e-3") == 0.001);
  CHECK(parse_number(".25") == 0.25);
  for (const char* text : {"", " ", "0,5", "0.5x", "one", "nan", "inf", "-inf", "1e999", "0x1", "1 2", "--1"}) {
    CAPTURE(std::string(text));
    CHECK(parse_number(text) == std::nullopt);
  }
}

TEST_CASE("a duration has a unit, and without one is in milliseconds") {
  const std::pair<const char*, std::chrono::nanoseconds> cases[] = {
      {"0", 0ns},      {"250", 250ms},   {"1ns", 1ns},        {"7us", 7us},      {"7\u00b5s", 7us},
      {"7\u03bcs", 7us}, {"500ms", 500ms}, {"1s", 1s},        {"1.5s", 1500ms},  {"2m", 2min},
      {"1h", 1h},      {" 10 s ", 10s},  {"1S", 1s},          {"1e3ms", 1s},     {"0.4ns", 0ns},
      {"1m30s", 90s},  {"1h15m30.5s", 4530500ms}, {"1h 30m", 90min}};
  for (const auto& [text, wanted] : cases) {
    CAPTURE(std::string(text));
    CHECK(parse_duration(text) == wanted);
  }
  for (const char* text : {"", "s", "-1s", "1d", "1 s s", "1ss", "s1", "nan", "inf", "1e300s", "0x10", "9999999999h", "1m30", "1m0", "m30s", "1m-30s", "1.5.5s"}) {
    CAPTURE(std::string(text));
    CHECK(parse_duration(text) == std::nullopt);
  }
}

TEST_CASE("a size has a unit, and without one counts what its setting says") {
  CHECK(parse_bytes("100", 1) == 100);
  CHECK(parse_bytes("100", 128) == 12'800);
  CHECK(parse_bytes("100B", 128) == 100);
  CHECK(parse_bytes("1KB", 128) == 1000);
  CHECK(parse_bytes("1KiB", 128) == 1024);
  CHECK(parse_bytes("2mb", 1) == 2'000'000);
  CHECK(parse_bytes("64MiB", 1) == 64 << 20);
  CHECK(parse_bytes("1gb", 1) == 1'000'000'000);
  CHECK(parse_bytes("1 GiB", 1) == 1 << 30);
  CHECK(parse_bytes("0.5KiB", 1) == 512);
  for (const char* text : {"", "MiB", "-1", "1TB", "1k", "1e30", "nan", "1,5MiB"}) {
    CAPTURE(std::string(text));
    CHECK(parse_bytes(text, 1) == std::nullopt);
  }
}

TEST_CASE("numbers are read alike under every locale") {
  const support::CommaLocale locale;
  if (!locale.is_there()) return;
  CHECK(parse_number("0.5") == 0.5);
  CHECK(parse_number("0,5") == std::nullopt);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_bytes("0.5KiB", 1) == 512);
}

TEST_CASE("blanks around a value do not count, those within do") {
  CHECK(trim("") == "");
  CHECK(trim(" \t\r\n ") == "");
  CHECK(trim(" a b ") == "a b");
}

TEST_CASE("tags are pairs with commas between them, and a value may hold anything but a comma") {
  const Environment set("TAGS_TEST_SET", "from outside"), empty("TAGS_TEST_EMPTY", ""), unset("TAGS_TEST_UNSET", std::nullopt);
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {" ", ""},
      {"a=b", "a=b"},
      {"a=b,c=d", "a=b;c=d"},
      {" a = b , c = d ", "a=b;c=d"},
      {"a=b,", "a=b"},
      {",,a=b,,", "a=b"},
      {"a=", "a="},
      {"a=b=c==", "a=b=c=="},
      {"url=http://h:1/x?y=z", "url=http://h:1/x?y=z"},
      {"a=b c", "a=b c"},
      {"a=${TAGS_TEST_SET:other}", "a=from outside"},
      {"a=${TAGS_TEST_SET}", "a=from outside"},
      {"a=${TAGS_TEST_UNSET:other}", "a=other"},
      {"a=${TAGS_TEST_EMPTY:other}", "a=other"},
      {"a=${TAGS_TEST_UNSET:http://h:1}", "a=http://h:1"},
      {"a=${TAGS_TEST_UNSET:}", "a="},
      {"a=${TAGS_TEST_UNSET}", "a="},
      {"a=${}", "a="},
      {"a=${:x}", "a=x"},
      {"a=${TAGS_TEST_SET", "a=${TAGS_TEST_SET"},
      {"a=x${TAGS_TEST_SET}", "a=x${TAGS_TEST_SET}"},
      {"a=$TAGS_TEST_SET", "a=$TAGS_TEST_SET"},
      {"名=値", "名=値"},
      {"a", "refused"},
      {"a=b,c", "refused"},
      {"=b", "refused"},
      {" =b", "refused"},
  };
  for (const auto& [text, wanted] : cases) {
    CAPTURE(std::string(text));
    CHECK(tags(text) == wanted);
  }
}
