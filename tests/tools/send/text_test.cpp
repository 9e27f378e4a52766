// tools/jtrace-send/text.h: what is printed is readable, harmless, and free of secrets.
#include "text.h"

#include <doctest/doctest.h>

using namespace jtrace_send;
using namespace std::chrono_literals;

TEST_CASE("numbers get separators and words their plural") {
  CHECK(with_separators(0) == "0");
  CHECK(with_separators(999) == "999");
  CHECK(with_separators(1'234'567) == "1,234,567");
  CHECK(count_of(1, "trace") == "1 trace");
  CHECK(count_of(1000, "span") == "1,000 spans");
}

TEST_CASE("a duration is told in the unit that fits") {
  CHECK(readable(850us) == "850 µs");
  CHECK(readable(12'300us) == "12 ms");
  CHECK(readable(3'440ms) == "3.4 s");
  CHECK(readable(125s) == "2 min 5 s");
}

TEST_CASE("a server's words become one short line without control characters") {
  CHECK(one_line("first\r\nsecond") == "first");
  CHECK(one_line("\x1b[31mred\x07") == "?[31mred?");
  CHECK(one_line("a\xc2\x9b"
                 "b") == "a?b");  // the one-character form of ESC [
  CHECK(one_line("ü ist kein Steuerzeichen") == "ü ist kein Steuerzeichen");
  CHECK(one_line("abcdef", 3) == "abc…");
  CHECK(one_line("aü", 2) == "a…");  // not half of a character
}

TEST_CASE("user, password and query of a URL are masked") {
  CHECK(masked("http://user:secret@h:1/api/traces") == "http://***@h:1/api/traces");
  CHECK(masked("user:secret@h") == "***@h");
  CHECK(masked("http://h/x?token=secret") == "http://h/x?…");
  CHECK(masked("http://h:1/api/traces") == "http://h:1/api/traces");
}

TEST_CASE("a password with unescaped marks is masked all the same") {
  for (const char* url : {"http://user:se/cret@h/x", "http://user:se@cret@h", "http://user:se?cret@h",
                          "http://user:se#cret@h"}) {
    CAPTURE(url);
    CHECK(masked(url).find("cret") == std::string::npos);
    CHECK(masked(url).find("se") == std::string::npos);
  }
}
