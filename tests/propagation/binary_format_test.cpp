// The binary carrier, byte by byte.
#include "propagation/binary_format.h"

#include <doctest/doctest.h>

#include <string>

#include "carry.h"

using namespace fixture;

namespace {

using namespace std::string_literals;

const std::string kIds = "\1\2\3\4\5\6\7\10\21\22\23\24\25\26\27\30\41\42\43\44\45\46\47\50\0\0\0\0\0\0\0\0\3"s;

Read read_bytes(std::string_view bytes) {
  Read read;
  read.context = read_binary(Propagation(), bytes, read.losses);
  return read;
}

SpanContext with(std::span<const BaggageItem> items) {
  return SpanContext({0x0102030405060708, 0x1112131415161718}, {0x2122232425262728}, 3, Baggage::make(items, {}));
}

std::string write_bytes(const SpanContext& context) {
  Losses losses;
  return write_binary(context, losses);
}

}  // namespace

TEST_CASE("integers are big-endian, the parent 0, texts have their length in front") {
  const BaggageItem items[] = {{"key", "\u00fc"}};
  CHECK(write_bytes(with({})) == kIds + "\0\0\0\0"s);
  CHECK(write_bytes(with(items)) == kIds + "\0\0\0\1\0\0\0\3key\0\0\0\2\xc3\xbc"s);
  CHECK(write_bytes(SpanContext()).empty());
}

TEST_CASE("what is written is read again") {
  const std::string bytes = "\0\xff"s;
  const BaggageItem items[] = {{"Key", "a b+c/\u00fc"}, {"empty", ""}, {"bytes", bytes}};
  const Read got = read_bytes(write_bytes(with(items)));
  CHECK(shown(got.context) == "01020304050607081112131415161718 2122232425262728 3");
  CHECK(baggage(got.context) == "Key=a b+c/\u00fc;empty=;bytes=\0\xff;"s);
  CHECK_FALSE(got.losses.any());
}

TEST_CASE("a parent's id, as other clients send it, is passed over") {
  std::string bytes = kIds + "\0\0\0\0"s;
  bytes[24] = bytes[31] = '\1';
  CHECK(read_bytes(bytes).context.is_valid());
}

TEST_CASE("too few bytes, too many, zero ids and impossible lengths are refused and counted") {
  const BaggageItem items[] = {{"key", "value"}};
  const std::string good = write_bytes(with(items));
  for (std::size_t size = 1; size < good.size(); ++size) {
    CHECK_FALSE(read_bytes(std::string_view(good).substr(0, size)).context.is_valid());
    CHECK(read_bytes(std::string_view(good).substr(0, size)).losses.decoding_errors == 1);
  }
  CHECK_FALSE(read_bytes("").losses.any());  // what is written for no context
  CHECK_FALSE(read_bytes(good + "x").context.is_valid());
  CHECK_FALSE(read_bytes(std::string(16, '\0') + good.substr(16)).context.is_valid());
  CHECK_FALSE(read_bytes(good.substr(0, 16) + std::string(8, '\0') + good.substr(24)).context.is_valid());
  CHECK_FALSE(read_bytes(kIds + "\xff\xff\xff\xff"s).context.is_valid());
  CHECK_FALSE(read_bytes(kIds + "\0\0\0\1\xff\xff\xff\xff"s).context.is_valid());
  CHECK_FALSE(read_bytes(kIds + "\0\0\0\1\x7f\xff\xff\xff\0"s).context.is_valid());
}

TEST_CASE("more than 180 items, or 4,096 bytes of one, are neither written nor read") {
  std::vector<std::string> keys;
  for (int i = 0; i < 181; ++i) keys.push_back("k" + std::to_string(i));
  std::vector<BaggageItem> items;
  for (const std::string& key : keys) items.push_back({key, "v"});
  Losses losses;
  const std::string bytes = write_binary(with(items), losses);
  CHECK(losses.baggage_dropped == 1);
  CHECK(read_bytes(bytes).context.is_valid());
  std::string more = bytes;
  more[36] = static_cast<char>(181);
  CHECK_FALSE(read_bytes(more + "\0\0\0\1k\0\0\0\1v"s).context.is_valid());

  const std::string large(4096, 'v');
  const BaggageItem too_large[] = {{"k", large}};
  CHECK(write_bytes(with(too_large)) == kIds + "\0\0\0\0"s);
  CHECK_FALSE(read_bytes(kIds + "\0\0\0\1\0\0\0\1k\0\0\x10\0"s + large).context.is_valid());
}
