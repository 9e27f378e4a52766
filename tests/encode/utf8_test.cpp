// UTF-8: what is valid stays untouched, and each maximal ill-formed part becomes one U+FFFD, wherever a text stands.
#include "encode/utf8.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "encode/both_ways.h"
#include "record/seed.h"

namespace {

using fixture::RecordBuilder;
using namespace jtrace::detail;
using namespace std::string_literals;

constexpr char kInstead[] = "\xef\xbf\xbd";

std::string repaired(std::string_view text) {
  std::string to(text.size() * 3, '\0');
  to.resize(repair_utf8(text, to.data()));
  return to;
}

// Table 3-7 of the Unicode standard, row by row: the ranges of the bytes of a well-formed sequence.
struct Row {
  std::size_t size;
  unsigned char low[4], high[4];
};
constexpr Row kWellFormed[] = {
    {1, {0x00}, {0x7f}},
    {2, {0xc2, 0x80}, {0xdf, 0xbf}},
    {3, {0xe0, 0xa0, 0x80}, {0xe0, 0xbf, 0xbf}},
    {3, {0xe1, 0x80, 0x80}, {0xec, 0xbf, 0xbf}},
    {3, {0xed, 0x80, 0x80}, {0xed, 0x9f, 0xbf}},
    {3, {0xee, 0x80, 0x80}, {0xef, 0xbf, 0xbf}},
    {4, {0xf0, 0x90, 0x80, 0x80}, {0xf0, 0xbf, 0xbf, 0xbf}},
    {4, {0xf1, 0x80, 0x80, 0x80}, {0xf3, 0xbf, 0xbf, 0xbf}},
    {4, {0xf4, 0x80, 0x80, 0x80}, {0xf4, 0x8f, 0xbf, 0xbf}},
};

std::size_t matching(const Row& row, std::string_view text) {
  std::size_t same = 0;
  while (same < row.size && same < text.size() && static_cast<unsigned char>(text[same]) >= row.low[same] &&
         static_cast<unsigned char>(text[same]) <= row.high[same])
    ++same;
  return same;
}

// The standard's words made into the slowest of programs.
std::string by_the_book(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t part = 1;
    bool whole = false;
    for (const Row& row : kWellFormed) {
      const std::size_t same = matching(row, text);
      whole = whole || same == row.size;
      part = std::max(part, same);
    }
    out += whole ? std::string(text.substr(0, part)) : kInstead;
    text.remove_prefix(part);
  }
  return out;
}

}  // namespace

TEST_CASE("valid text of one, two, three and four bytes a character stays as it is") {
  for (const std::string& text :
       {""s, "a"s, "a\0b"s, "\x7f"s, "\u0080"s, "\u07ff"s, "\u0800"s, "\ud7ff"s, "\ue000"s, "\ufffd"s, "\uffff"s,
        "\U00010000"s, "\U0010ffff"s, "测试应用名称"s, "naïve café, ñandú"s, "12345678é"s, "é12345678"s, "1234567é"s}) {
    CAPTURE(text);
    CHECK(is_valid_utf8(text));
    CHECK(repaired(text) == text);
  }
}

TEST_CASE("every ill-formed part becomes one replacement character") {
  const struct {
    std::string given, arrives;
  } cases[] = {
      {"\x80", "@"},                                // a lone continuation byte
      {"\xbf\xbf", "@@"},
      {"\xc0\x80", "@@"},                           // overlong: C0 begins nothing
      {"\xc1\xbf", "@@"},
      {"\xe0\x80\x80", "@@@"},                      // overlong in three bytes
      {"\xe0\x9f\xbf", "@@@"},
      {"\xf0\x80\x80\x80", "@@@@"},                 // overlong in four
      {"\xf0\x8f\xbf\xbf", "@@@@"},
      {"\xed\xa0\x80", "@@@"},                      // a surrogate
      {"\xed\xbf\xbf", "@@@"},
      {"\xed\xa0\xbd\xed\xb8\x80", "@@@@@@"},       // a pair of them
      {"\xf4\x90\x80\x80", "@@@@"},                 // above U+10FFFF
      {"\xf5\x80\x80\x80", "@@@@"},
      {"\xfe\xff", "@@"},
      {"\xc3", "@"},                                // truncated at the end
      {"\xe2\x82", "@"},
      {"\xf0\x9f\x98", "@"},
      {"\xe2\x82z", "@z"},                          // and in the middle
      {"\xf0\x9f\x98z", "@z"},
      {"\xf0\x9fz", "@z"},
      {"\xc3(", "@("},
      {"a\xe2\x82\xe2\x82\xac", "a@\u20ac"},
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", "@@@@A"},            // the standard's own tables 3-8 to 3-11
      {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", "@@@@@@@@A"},
      {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", "@@@@@@@@A"},
      {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", "@@@@@A@@B"},
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", "@@@@A"},
  };
  for (const auto& wanted : cases) {
    std::string arrives;
    for (const char c : wanted.arrives) arrives += c == '@' ? kInstead : std::string(1, c);
    CAPTURE(fixture::hex(wanted.given));
    CHECK_FALSE(is_valid_utf8(wanted.given));
    CHECK(fixture::hex(repaired(wanted.given)) == fixture::hex(arrives));
    // Behind and before what the fast look at eight bytes steps over.
    const std::string eight = "12345678";
    CHECK(repaired(eight + wanted.given + eight) == eight + arrives + eight);
  }
}

TEST_CASE("random bytes are repaired as the standard's table says") {
  std::mt19937_64 random(fixture::announced_seed());
  const std::string_view likely = "\x80\x8f\x90\x9f\xa0\xbf\xc2\xe0\xe1\xed\xef\xf0\xf1\xf4""azAZ";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t left = random() % 24; left != 0; --left)
      text += random() % 8 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
    const std::string wanted = by_the_book(text);
    if (repaired(text) == wanted && is_valid_utf8(text) == (text == wanted) && is_valid_utf8(wanted)) continue;
    FAIL_CHECK("differs for ", fixture::hex(text));
  }
}

TEST_CASE("invalid text is repaired in every place that a batch has for text") {
  const std::string bad = "a\xff" "b\xe2\x82";
  const std::string good = "a\xef\xbf\xbd" "b\xef\xbf\xbd";
  RecordBuilder span(bad);
  span.text(bad, bad).integer(bad + "i", 1).boolean(bad + "b", true).floating(bad + "f", 0.5);
  span.binary(bad + "y", bad).unsigned_integer(bad + "u", ~std::uint64_t{0}).log_at_wall(0).text(bad, bad).integer(bad, 1);
  fixture::BothWays encoder(bad, {{bad, bad}});
  REQUIRE(encoder.append(span) == fixture::BothWays::Result::appended);
  const auto batch = fixture::decode_exactly(encoder.end());
  const auto& arrived = batch.spans.at(0);

  CHECK(batch.process.serviceName == good);
  CHECK(batch.process.tags.at(0).key == good);
  CHECK(batch.process.tags.at(0).vStr == good);
  CHECK(arrived.operationName == good);
  CHECK(arrived.tags.at(0).key == good);
  CHECK(arrived.tags.at(0).vStr == good);
  CHECK(arrived.tags.at(1).key == good + "i");
  CHECK(arrived.tags.at(2).key == good + "b");
  CHECK(arrived.tags.at(3).key == good + "f");
  CHECK(arrived.tags.at(4).key == good + "y");
  CHECK(arrived.tags.at(4).vBinary == bad);  // bytes that are meant as bytes
  CHECK(arrived.tags.at(5).key == good + "u");
  CHECK(arrived.logs.at(0).fields.at(0).key == good);
  CHECK(arrived.logs.at(0).fields.at(0).vStr == good);
  CHECK(arrived.logs.at(0).fields.at(1).key == good);

  RecordBuilder renamed("fine");
  CHECK(fixture::sent(renamed.rename(bad)).operationName == good);
}

TEST_CASE("a text is cut between characters, at the latest place that fits") {
  const std::string text = "a\u00e9\u20ac\U0001f600z";  // 1, 2, 3, 4 and 1 bytes
  const std::size_t wanted[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11, 11};
  for (std::size_t size = 0; size < std::size(wanted); ++size) {
    CAPTURE(size);
    CHECK(cut_utf8(text, size) == wanted[size]);
    CHECK(is_valid_utf8(std::string_view(text).substr(0, cut_utf8(text, size))));
  }
  CHECK(cut_utf8("", 0) == 0);
  CHECK(cut_utf8("abc", 100) == 3);
  // What was never UTF-8 is cut where it is asked for, so that a cut always makes progress.
  CHECK(cut_utf8("\x80\x80\x80\x80\x80\x80", 5) == 5);
}
