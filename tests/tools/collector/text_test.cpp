// Covers tools/jtrace-collector/text.h, format.h and json_text.h: text made safe, measured, cut and spelled.
#include "text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "format.h"
#include "html_escape.h"
#include "json_text.h"
#include "model.h"

using namespace jtrace::collector;

TEST_CASE("nothing that a terminal acts on is let through") {
  CHECK(printable("a\x1b[31mb") == "a\\x1b[31mb");
  CHECK(printable("line\nnext\ttab\r") == "line\\nnext\\ttab\\r");
  CHECK(printable(std::string_view("\0\x7f", 2)) == "\\x00\\x7f");
  CHECK(printable("\xc2\x9b" "31m") == "\\x9b31m");
  CHECK(printable("\u202egnp.exe\u2066") == "\\u202egnp.exe\\u2066");
}

TEST_CASE("bytes that are not UTF-8 are shown one by one") {
  CHECK(printable("a\xff" "b") == "a\\xffb");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(printable("\xe6\xb5") == "\\xe6\\xb5");
  CHECK(printable("测试 ✓ é") == "测试 ✓ é");
}

TEST_CASE("columns are counted as a terminal gives them") {
  CHECK(columns("abc") == 3);
  CHECK(columns("测试") == 4);
  CHECK(columns("e\u0301") == 1);
  CHECK(columns("🚀") == 2);
  CHECK(columns("한글") == 4);
  CHECK(columns("│✗·") == 3);
}

TEST_CASE("a text is cut between characters and padded to the column") {
  CHECK(fit("abc", 5, "…") == "abc  ");
  CHECK(fit("abcdef", 5, "…") == "abcd…");
  CHECK(fit("abcde", 5, "…") == "abcde");
  CHECK(fit("测试应用", 5, "…") == "测试…");
  CHECK(fit("测试应用", 6, "…") == "测试… ");
  CHECK(shorten("abcdef", 3, "~") == "ab~");
  CHECK(shorten("abcdef", 0, "~") == "");
}

TEST_CASE("durations are written as people say them") {
  CHECK(format_duration(0) == "0 µs");
  CHECK(format_duration(999) == "999 µs");
  CHECK(format_duration(1000) == "1.00 ms");
  CHECK(format_duration(27'400) == "27.4 ms");
  CHECK(format_duration(999'400) == "999 ms");
  CHECK(format_duration(999'600) == "1.00 s");
  CHECK(format_duration(12'345'678) == "12.3 s");
  CHECK(format_duration(125'000'000) == "2m 05s");
  CHECK(format_duration(11'220'000'000) == "3h 07m");
}

TEST_CASE("values are written in their shortest form") {
  CHECK(format_value(Value(0.1)) == "0.1");
  CHECK(format_value(Value(true)) == "true");
  CHECK(format_value(Value(INT64_MIN)) == "-9223372036854775808");
  CHECK(format_value(Value(Binary{std::string("\0\xff", 2)})) == "0x00ff");
  CHECK(format_count(1, "span") == "1 span");
  CHECK(format_count(2, "span") == "2 spans");
}

TEST_CASE("JSON strings escape what they must and replace what is not UTF-8") {
  CHECK(json_string("a\"b\\c\n\x01") == R"("a\"b\\c\u000a\u0001")");
  CHECK(json_string("测\xff") == "\"测\xef\xbf\xbd\"");
}

TEST_CASE("JSON numbers read back the same, and what JSON cannot say is a string") {
  CHECK(json_double(0.1) == "0.1");
  CHECK(json_double(std::nan("")) == "\"NaN\"");
  CHECK(json_double(-std::numeric_limits<double>::infinity()) == "\"-Infinity\"");
}

TEST_CASE("base64 pads to whole groups") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("what HTML gives a meaning to is escaped") {
  CHECK(escape_html("<a href=\"x\" o='y'>&</a>") == "&lt;a href=&#34;x&#34; o=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
}

TEST_CASE("trace ids have 1 to 32 hex digits, leading zeros or not") {
  CHECK(parse_trace_id("abc") == TraceId{0, 0xabc});
  CHECK(parse_trace_id("00000000000000000000000000000ABC") == TraceId{0, 0xabc});
  CHECK(parse_trace_id("1" "0000000000000002") == TraceId{1, 2});
  for (const char* bad : {"", "xyz", "-1", " 1", "0x1", "000000000000000000000000000000001"}) {
    CHECK_MESSAGE(!parse_trace_id(bad), bad);
  }
  CHECK(to_hex(TraceId{0, 0xabc}) == "0000000000000abc");
  CHECK(to_hex(TraceId{1, 2}) == "00000000000000010000000000000002");
}
