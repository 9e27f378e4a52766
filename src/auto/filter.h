// Filter: which functions are traced, by their names.
//
//   app::Order::*;!app::Order::get_*     all of Order, except what begins with get_
//
// A function is traced if one of the patterns fits its whole name, and none of those that begin with `!`. `*` stands for any
// letters, `::` among them, and `?` for one. Left out unless a pattern without `*` and `?` names them: constructors,
// destructors, operators, and names with a part that begins with `__`; and, whatever is said, lambdas and what is
// jtrace's or the standard library's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jtrace::automatic {

class Filter {
 public:
  explicit Filter(std::string_view patterns);

  bool keeps(std::string_view name) const noexcept;

 private:
  std::vector<std::string> wanted_, unwanted_;
};

// Does the pattern fit the whole text?
bool fits(std::string_view pattern, std::string_view text) noexcept;

}  // namespace jtrace::automatic
