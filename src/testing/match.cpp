#include "testing/match.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "testing/forest.h"
#include "testing/pattern.h"

namespace jtrace::inline v1::detail {
namespace {

using testing::RecordedSpan;

struct Difference {
  std::string text;
  const RecordedSpan* here = nullptr;  // null: at the roots
};

// Is one asked only whether there is a difference, or what it is? The latter looks closer, once more for each level of the trees.
enum class Ask : std::uint8_t { whether, what };

// None: they match.
std::optional<Difference> find_difference(const Siblings& wanted, const Forest& forest, Ask ask);

std::string text_of(const Value& value) {
  char digits[40];
  const auto number = [&](auto n) { return std::string(digits, std::to_chars(digits, digits + sizeof digits, n).ptr); };
  switch (value.type()) {
    case Value::Type::boolean: return value.as_bool() ? "true" : "false";
    case Value::Type::integer: return number(value.as_integer());
    case Value::Type::unsigned_integer: return number(value.as_unsigned());
    case Value::Type::floating: return number(value.as_double());
    default: return std::string(value.as_text());
  }
}

// Why the span itself is not the one, whatever is below it; empty: it is.
std::string tag_difference(const TagPattern& wanted, const RecordedSpan& span) {
  const Value* const value = span.tag(wanted.key);
  if (wanted.is_absent) return value ? "has the tag " + wanted.key + "=" + text_of(*value) : "";
  if (!value) return "has no tag " + wanted.key;
  if (!wanted.value || wanted.value->matches(text_of(*value))) return "";
  return "has the tag " + wanted.key + "=" + text_of(*value);
}

std::string own_difference(const SpanPattern& wanted, const RecordedSpan& span) {
  if (span.is_error() != wanted.is_error) return span.is_error() ? "has an error" : "has no error";
  for (const TagPattern& tag : wanted.tags) {
    if (std::string difference = tag_difference(tag, span); !difference.empty()) return difference;
  }
  return "";
}

bool matches(const SpanPattern& wanted, const Tree& tree) {
  if (wanted.is_anything) return true;
  return wanted.name.matches(tree.span->name) && own_difference(wanted, *tree.span).empty() &&
         !find_difference(wanted.children, tree.children, Ask::whether);
}

// Why it is not the one although its name is.
std::optional<Difference> explain(const SpanPattern& wanted, const Tree& tree) {
  if (wanted.is_anything || !wanted.name.matches(tree.span->name)) return {};
  const std::string own = own_difference(wanted, *tree.span);
  if (!own.empty()) return Difference{"wanted " + wanted.shown + ", but this span " + own, tree.span};
  auto below = find_difference(wanted.children, tree.children, Ask::what);
  if (!below || below->here) return below;
  return Difference{below->text + " below this span", tree.span};
}

Difference unexpected(const Tree& tree, const std::vector<const SpanPattern*>& instead) {
  for (const SpanPattern* wanted : instead) {
    if (auto closer = explain(*wanted, tree)) return *closer;
  }
  std::string text = "this span was not wanted; instead of it: ";
  for (const SpanPattern* wanted : instead) text.append(wanted == instead.front() ? "" : " or ").append(wanted->shown);
  return {instead.empty() ? "this span was not wanted, nor any other behind it" : text, tree.span};
}

Difference missing(const SpanPattern& wanted) { return {"there is no " + wanted.shown}; }

// How far the spans, in their order, follow the patterns, in theirs: all ways to be at it are followed at once.
class InOrder {
 public:
  InOrder(const std::vector<SpanPattern>& wanted, const Forest& forest) : wanted_(wanted), forest_(forest) {}

  std::optional<Difference> difference(Ask ask) const {
    std::vector<Place> places;
    reach(places, {0, 0});
    for (const Tree& tree : forest_) {
      std::vector<Place> next;
      for (const Place& place : places) {
        if (place.pattern < wanted_.size() && matches(wanted_[place.pattern], tree)) reach(next, {place.pattern, place.taken + 1});
      }
      if (next.empty()) return ask == Ask::what ? unexpected(tree, wanted_at(places)) : Difference();
      places = std::move(next);
    }
    const SpanPattern* needed = nullptr;
    for (const Place& place : places) {
      if (place.pattern == wanted_.size()) return {};
      if (!needed && place.taken < wanted_[place.pattern].least) needed = &wanted_[place.pattern];
    }
    return missing(*needed);
  }

 private:
  // So many spans were taken for this pattern.
  struct Place {
    std::size_t pattern, taken;
    bool operator==(const Place&) const = default;
  };

  // Also the places behind it, where this pattern has enough.
  void reach(std::vector<Place>& places, Place place) const {
    for (;; place = {place.pattern + 1, 0}) {
      const SpanPattern* const wanted = place.pattern < wanted_.size() ? &wanted_[place.pattern] : nullptr;
      // One more than enough of any number is no other place.
      if (wanted && wanted->most == SpanPattern::kAnyNumber) place.taken = std::min(place.taken, wanted->least);
      const bool is_full = wanted && place.taken >= wanted->most;
      if (!is_full && std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
      if (!wanted || place.taken < wanted->least) return;
    }
  }

  std::vector<const SpanPattern*> wanted_at(const std::vector<Place>& places) const {
    std::vector<const SpanPattern*> list;
    for (const Place& place : places) {
      if (place.pattern < wanted_.size() && !wanted_[place.pattern].is_anything) list.push_back(&wanted_[place.pattern]);
    }
    return list;
  }

  const std::vector<SpanPattern>& wanted_;
  const Forest& forest_;
};

// Each span needs a pattern of its own, and each pattern as many spans as it wants at least. Where both can be had, both can be had
// at once (Mendelsohn and Dulmage), so each is asked alone.
class InAnyOrder {
 public:
  InAnyOrder(const std::vector<SpanPattern>& wanted, const Forest& forest) : forest_(forest) {
    for (const SpanPattern& pattern : wanted) {
      const std::size_t most = std::min(pattern.most, std::max(forest.size(), pattern.least));
      for (std::size_t i = 0; i < most; ++i) places_.push_back({&pattern, i < pattern.least});
    }
    for (const Tree& tree : forest) {
      std::vector<bool>& fits = fits_.emplace_back();
      for (const Place& place : places_) {
        const bool is_same = !fits.empty() && places_[fits.size() - 1].wanted == place.wanted;
        fits.push_back(is_same ? fits.back() : matches(*place.wanted, tree));
      }
    }
  }

  std::optional<Difference> difference(Ask ask) const {
    const auto span = first_alone(forest_.size(), places_.size(), [&](std::size_t one, std::size_t place) { return fits_[one][place]; });
    if (span) return ask == Ask::what ? unexpected(forest_[*span], all_wanted()) : Difference();
    std::vector<std::size_t> needed;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].is_needed) needed.push_back(i);
    }
    const auto place = first_alone(needed.size(), forest_.size(), [&](std::size_t one, std::size_t other) { return fits_[other][needed[one]]; });
    if (!place) return {};
    return missing(*places_[needed[*place]].wanted);
  }

 private:
  struct Place {
    const SpanPattern* wanted;
    bool is_needed;
  };

  // Pairs as many as can be; the first of the left side that stays alone.
  template <class Fits>
  static std::optional<std::size_t> first_alone(std::size_t left, std::size_t right, Fits&& fits) {
    constexpr std::size_t kNobody = ~std::size_t{0};
    std::vector<std::size_t> partner(right, kNobody);
    std::vector<bool> asked;
    const std::function<bool(std::size_t)> pair = [&](std::size_t one) {
      for (std::size_t other = 0; other < right; ++other) {
        if (asked[other] || !fits(one, other)) continue;
        asked[other] = true;
        if (partner[other] != kNobody && !pair(partner[other])) continue;
        partner[other] = one;
        return true;
      }
      return false;
    };
    for (std::size_t one = 0; one < left; ++one) {
      asked.assign(right, false);
      if (!pair(one)) return one;
    }
    return {};
  }

  std::vector<const SpanPattern*> all_wanted() const {
    std::vector<const SpanPattern*> list;
    for (const Place& place : places_) {
      if (list.empty() || list.back() != place.wanted) list.push_back(place.wanted);
    }
    return list;
  }

  const Forest& forest_;
  std::vector<Place> places_;
  std::vector<std::vector<bool>> fits_;  // by span and place
};

std::optional<Difference> find_difference(const Siblings& wanted, const Forest& forest, Ask ask) {
  return wanted.is_ordered ? InOrder(wanted.spans, forest).difference(ask) : InAnyOrder(wanted.spans, forest).difference(ask);
}

}  // namespace

testing::Matched match(std::string_view pattern, const std::deque<RecordedSpan>& spans) {
  const Siblings wanted = parse_pattern(pattern);
  const Forest forest = forest_of(spans);
  const auto difference = find_difference(wanted, forest, Ask::what);
  if (!difference) return {};
  const std::string trees = forest.empty() ? "(nothing)\n" : draw(forest, difference->here);
  return testing::Matched(difference->text + "\nwanted: " + std::string(pattern) + "\nrecorded:\n" + trees);
}

}  // namespace jtrace::inline v1::detail
