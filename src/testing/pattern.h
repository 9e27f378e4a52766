// Pattern: what a test wants recorded trees to look like, read from the small language of jtrace/testing.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jtrace::inline v1::detail {

// A text in which a star, unless it was quoted, stands for any characters, also for none.
class Glob {
 public:
  void add(char c) { parts_.back() += c; }
  void add_star() { parts_.emplace_back(); }
  bool matches(std::string_view text) const noexcept;

 private:
  std::vector<std::string> parts_ = {""};  // a star between each two
};

struct TagPattern {
  std::string key;
  bool is_absent = false;
  std::optional<Glob> value;  // none: any
};

struct SpanPattern;

struct Siblings {
  std::vector<SpanPattern> spans;
  bool is_ordered = true;
};

struct SpanPattern {
  static constexpr std::size_t kAnyNumber = ~std::size_t{0};

  std::string shown;       // as it was written
  bool is_anything = false;  // "..."
  Glob name;
  bool is_error = false;
  std::vector<TagPattern> tags;
  Siblings children;
  std::size_t least = 1, most = 1;
};

// Throws std::invalid_argument, saying what was wanted where.
Siblings parse_pattern(std::string_view text);

}  // namespace jtrace::inline v1::detail
