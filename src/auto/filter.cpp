#include "auto/filter.h"

#include <algorithm>

#include "config/parse.h"

namespace jtrace::automatic {
namespace {

bool is_plain(std::string_view pattern) noexcept { return pattern.find_first_of("*?") == std::string_view::npos; }

bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_foreign(std::string_view name) noexcept {
  constexpr std::string_view kScopes[] = {"std::", "__gnu_cxx::", "__cxxabiv1::", "jtrace::", "_GLOBAL__"};
  return std::any_of(std::begin(kScopes), std::end(kScopes), [&](std::string_view scope) { return name.starts_with(scope); });
}

bool is_lambda(std::string_view name) noexcept {
  return name.find("{lambda") != std::string_view::npos || name.find("'lambda") != std::string_view::npos ||
         name.find("$_") != std::string_view::npos;
}

bool is_operator(std::string_view last) noexcept {
  return last.starts_with("operator") && (last.size() == 8 || !is_word(last[8]));
}

// Constructors have the name of their class; so has a function of its namespace, which nobody will miss.
bool is_by_name_only(std::string_view name) noexcept {
  if (name.starts_with("__") || name.find("::__") != std::string_view::npos) return true;
  const std::size_t operator_at = name.find("::operator");
  if (is_operator(name) || (operator_at != std::string_view::npos && is_operator(name.substr(operator_at + 2)))) return true;
  const std::size_t colons = name.rfind("::");
  if (colons == std::string_view::npos) return false;
  const std::string_view last = name.substr(colons + 2), scope = name.substr(0, colons);
  return last.starts_with('~') || scope == last || scope.ends_with("::" + std::string(last));
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0, t = 0, star = std::string_view::npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Filter::Filter(std::string_view patterns) {
  while (!patterns.empty()) {
    const std::size_t end = patterns.find(';');
    const std::string_view pattern = detail::trim(patterns.substr(0, end));
    patterns = end == std::string_view::npos ? std::string_view() : patterns.substr(end + 1);
    if (pattern.starts_with('!')) {
      unwanted_.emplace_back(detail::trim(pattern.substr(1)));
    } else if (!pattern.empty()) {
      wanted_.emplace_back(pattern);
    }
  }
}

bool Filter::keeps(std::string_view name) const noexcept {
  if (name.empty() || is_foreign(name) || is_lambda(name)) return false;
  const bool by_name_only = is_by_name_only(name);
  const auto fit = [&](const std::string& pattern) { return fits(pattern, name); };
  const auto want = [&](const std::string& pattern) { return fit(pattern) && (!by_name_only || is_plain(pattern)); };
  return std::any_of(wanted_.begin(), wanted_.end(), want) && std::none_of(unwanted_.begin(), unwanted_.end(), fit);
}

}  // namespace jtrace::automatic
