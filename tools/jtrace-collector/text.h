// Text for a terminal: made harmless, measured in columns, cut to a width.
//
// Names and values come from strangers and may hold anything. `printable` lets nothing through that a terminal
// would act on; the other two functions expect its results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace jtrace::collector {

// The code point at `at` and its length in bytes; a byte that is not UTF-8 is `valid == false`, length 1.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};
CodePoint code_point_at(std::string_view text, std::size_t at);

// The text with control characters, terminal escapes, marks that turn the writing direction and bytes that are
// not UTF-8 written as \n, \t, \x1b, \u202e …; everything else as it is, and so are the characters of `kept`.
std::string printable(std::string_view text, std::string_view kept = {});

// How many columns a terminal gives to it: two for wide characters such as 测, none for combining marks.
std::size_t columns(std::string_view text);

// Exactly `width` columns: padded with blanks, or cut and ended with `ellipsis`, which takes one column.
std::string fit(std::string_view text, std::size_t width, std::string_view ellipsis);

// At most `width` columns: as `fit`, without the padding.
std::string shorten(std::string_view text, std::size_t width, std::string_view ellipsis);

}  // namespace jtrace::collector
