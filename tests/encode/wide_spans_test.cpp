// The wide way: it is taken for usual spans where the CPU knows it, writes what the generic one writes
// (fixture::BothWays compares both) for names, keys and values of every size around its own, and touches nothing behind
// a record.
#include <doctest/doctest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "encode/both_ways.h"

namespace {

using fixture::BothWays;
using fixture::RecordBuilder;
using namespace jtrace::detail;

std::string letters(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
  return text;
}

// The one tag's key, and its value as Thrift reads it.
jaeger::thrift::Tag only_tag(RecordBuilder& span) {
  const auto arrived = fixture::sent(span);
  REQUIRE(arrived.tags.size() == 1);
  return arrived.tags[0];
}

// How many spans of the run the wide way itself appends.
std::size_t taken_by_the_wide_way(Run records) {
  BothWays encoder;
  const OwnTags own_tags(Sampler::constant(true));
  put_wide_spans(encoder.batch, 1 << 20, records, own_tags, encoder.map);
  return encoder.batch.spans;
}
bool is_for_the_wide_way(RecordBuilder& span) {
  const char* const at = span.build();
  return taken_by_the_wide_way({at, at + span.size()}) == 1;
}

// A page behind which no byte may be touched.
class LastPage {
 public:
  LastPage() : size_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    void* const pages = mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(pages != MAP_FAILED);
    begin_ = static_cast<char*>(pages);
    REQUIRE(mprotect(begin_ + size_, size_, PROT_NONE) == 0);
  }
  ~LastPage() { munmap(begin_, 2 * size_); }

  Run put_at_the_end(RecordBuilder& span) {
    const char* const record = span.build();
    char* const end = begin_ + size_;
    std::memcpy(end - span.size(), record, span.size());
    return {end - span.size(), end};
  }

 private:
  const std::size_t size_;
  char* begin_ = nullptr;
};

}  // namespace

TEST_CASE("names of every size arrive whole by both ways") {
  for (std::size_t size = 0; size <= 70; ++size) {
    RecordBuilder span(letters(size));
    CHECK(fixture::sent(span.parent(size % 2)).operationName == letters(size));
  }
}

TEST_CASE("text tags of every size of key and value arrive whole by both ways") {
  for (std::size_t key = 0; key <= 70; ++key) {
    for (std::size_t size = 0; size <= 70; ++size) {
      RecordBuilder span;
      const auto tag = only_tag(span.text(letters(key), letters(size)));
      REQUIRE(tag.key == letters(key));
      REQUIRE(tag.vStr == letters(size));
    }
  }
}

TEST_CASE("integer tags with keys of every size arrive whole by both ways") {
  for (std::size_t key = 0; key <= 70; ++key) {
    RecordBuilder span;
    const auto tag = only_tag(span.integer(letters(key), -0x0102030405060708));
    REQUIRE(tag.key == letters(key));
    REQUIRE(tag.vLong == -0x0102030405060708);
  }
}

TEST_CASE("a byte outside of ASCII is noticed wherever it is") {
  for (std::size_t at = 0; at < 30; ++at) {
    std::string text = letters(30);
    text[at] = '\xff';
    RecordBuilder name(text), key, integer_key, value, before;
    const std::string repaired = letters(at) + "\xef\xbf\xbd" + letters(30).substr(at + 1);
    CHECK(fixture::sent(name).operationName == repaired);
    CHECK(only_tag(key.text(text, "v")).key == repaired);
    CHECK(only_tag(integer_key.integer(text, 1)).key == repaired);
    CHECK(only_tag(value.text("k", text)).vStr == repaired);
    CHECK(fixture::sent(before.text("k", text).boolean("yes", true).text("last", "v")).tags.at(0).vStr == repaired);
  }
}

TEST_CASE("an integer's own bytes are no text") {
  if (best_way() == Way::generic) return;
  RecordBuilder span;
  CHECK(is_for_the_wide_way(span.integer("key", -1)));
}

TEST_CASE("the wide way takes usual spans, and leaves the others to the generic one") {
  if (best_way() == Way::generic) return;
  RecordBuilder bare, usual, others, root, collides;
  CHECK(is_for_the_wide_way(bare));
  CHECK(is_for_the_wide_way(usual.parent(7).text("http.method", "GET").integer("http.status_code", 200)));
  others.boolean("error", true).floating("share", 0.5).binary("b", "x").text("url", letters(200)).text("last", "");
  CHECK(is_for_the_wide_way(others));
  CHECK(is_for_the_wide_way(root.flag(kNewTrace | kCut).kind(2).text("a", "b")));
  // Two keys of one size that end alike are looked at closely, and are two.
  CHECK(is_for_the_wide_way(collides.text("net.port", "1").text("net.sort", "2")));

  RecordBuilder wall, renamed, long_name(letters(33)), twice, foreign, logged;
  CHECK_FALSE(is_for_the_wide_way(wall.wall(1, 2)));
  CHECK_FALSE(is_for_the_wide_way(renamed.rename("other")));
  CHECK_FALSE(is_for_the_wide_way(long_name));
  CHECK_FALSE(is_for_the_wide_way(twice.text("a", "1").text("a", "2")));
  CHECK_FALSE(is_for_the_wide_way(foreign.text("a", "\u00e9")));
  CHECK_FALSE(is_for_the_wide_way(logged.log_at_ticks(1)));
}

TEST_CASE("a run of usual and other spans arrives in order, by whichever way each of them goes") {
  RecordBuilder usual("usual"), renamed("renamed");
  usual.text("a", "b");
  renamed.rename("other");
  std::string records;
  for (const char kind : std::string_view("uuruurru")) {
    RecordBuilder& span = kind == 'u' ? usual : renamed;
    const char* const at = span.build();
    records.append(at, span.size());
  }
  std::vector<std::uint64_t> aligned((records.size() + 7) / 8 + 8);
  std::memcpy(aligned.data(), records.data(), records.size());
  const char* const at = reinterpret_cast<const char*>(aligned.data());
  BothWays encoder;
  REQUIRE(encoder.append(Run{at, at + records.size()}) == BothWays::Result::appended);
  std::string names;
  for (const auto& span : fixture::decode_exactly(encoder.end()).spans) names += span.operationName[0];
  CHECK(names == "uuouuoou");
}

TEST_CASE("nothing behind a record is touched, whatever it ends with") {
  LastPage page;
  for (std::size_t size = 0; size <= 40; ++size) {
    RecordBuilder name(letters(size)), text, integer, key;
    text.text("key", letters(size));
    integer.integer(letters(size), 1);
    key.text(letters(size), "");
    for (RecordBuilder* span : {&name, &text, &integer, &key}) {
      BothWays encoder;
      REQUIRE(encoder.append(page.put_at_the_end(*span)) == BothWays::Result::appended);
      CHECK(fixture::decode_exactly(encoder.end()).spans.size() == 1);
    }
  }
}
