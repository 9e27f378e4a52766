// Records: a span as plain bytes, read back item by item, and the copies that put short texts there.
#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "record/record_builder.h"
#include "record/record_view.h"

namespace {

using fixture::RecordBuilder;
using namespace jtrace::detail;

std::string letters(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('a' + i % 26);
  return text;
}

}  // namespace

TEST_CASE("a copy of any length writes its own bytes and no other") {
  for (std::size_t size = 0; size <= 200; ++size) {
    CAPTURE(size);
    const std::vector<char> from = [&] {  // on the heap, with nothing behind: reading too far is noticed
      const std::string text = letters(size);
      return std::vector<char>(text.begin(), text.end());
    }();
    std::string to(size + 2, '#');
    copy_bytes(to.data() + 1, from.data(), size);
    const std::string wanted = '#' + letters(size) + '#';
    CHECK(to == wanted);
    if (size > kShortBytes) continue;
    to.assign(size + 2, '#');
    copy_short(to.data() + 1, from.data(), size);
    CHECK(to == wanted);
  }
}

TEST_CASE("a record is read back item by item, in the order of the calls") {
  RecordBuilder span("name");
  span.trace(1, 2).span(3).parent(4).kind(5).text("t", "text").integer("i", -7).floating("f", 0.5).boolean("b", true);
  span.boolean("c", false).unsigned_integer("u", ~0ull).binary("y", std::string_view("\0z", 2)).text("", "");
  span.log_at_wall(99).text("event", "e").log_at_ticks(98).tags().rename("other").follows_from(7, 8, 9);
  const RecordView view(span.build());

  CHECK(view.header().trace_high == 1);
  CHECK(view.header().trace_low == 2);
  CHECK(view.header().span_id == 3);
  CHECK(view.header().parent_id == 4);
  CHECK(view.name() == "name");
  CHECK(view.kind() == 5);
  CHECK(view.has(kRenamed));
  CHECK(view.has(kHasLogs));
  CHECK(view.has(kHasLinks));
  CHECK_FALSE(view.has(kCut));

  std::string seen;
  view.visit([&](const Item& item) {
    seen += item.is_tag() ? "tag " : item.is_field() ? "field " : "";
    seen += std::string(item.key) + "=";
    switch (item.header.op) {
      case Op::text: seen += item.bytes(); break;
      case Op::floating: seen += std::bit_cast<double>(item.word()) == 0.5 ? "0.5" : "?"; break;
      case Op::boolean: seen += item.header.value_size != 0 ? "true" : "false"; break;
      case Op::integer: seen += std::to_string(static_cast<std::int64_t>(item.word())); break;
      case Op::binary: seen += std::to_string(item.bytes().size()) + " bytes"; break;
      case Op::unsigned_integer: seen += std::to_string(item.word()); break;
      case Op::log: seen += "log " + std::to_string(item.word()) + (item.header.flags & kWall ? " wall" : " ticks"); break;
      case Op::rename: seen += "rename " + std::string(item.bytes()); break;
      case Op::follows_from:
        seen += "follows " + std::to_string(item.word(0)) + std::to_string(item.word(1)) + std::to_string(item.word(2));
        break;
    }
    seen += '\n';
  });
  CHECK(seen ==
        "tag t=text\ntag i=-7\ntag f=0.5\ntag b=true\ntag c=false\ntag u=18446744073709551615\ntag y=2 bytes\ntag =\n"
        "=log 99 wall\nfield event=e\n=log 98 ticks\n=rename other\n=follows 789\n");
}

TEST_CASE("the padding behind the last item is no item") {
  // Sizes that leave every number of padding bytes from 0 to 7.
  for (std::size_t size = 0; size < 16; ++size) {
    CAPTURE(size);
    RecordBuilder span(letters(size));
    span.boolean("b", true);
    const RecordView view(span.build());
    CHECK(view.header().size % 8 == 0);
    int items = 0;
    view.visit([&](const Item&) { ++items; });
    CHECK(items == 1);
    CHECK(view.name() == letters(size));
  }
}
