#include "testing/pattern.h"

#include <charconv>
#include <stdexcept>

namespace jtrace::inline v1::detail {
namespace {

// What ends a name, a key or a value that is not quoted.
constexpr std::string_view kMarks = "()[]{},!?+#=\" \t\n";

class Parser {
 public:
  explicit Parser(std::string_view text) noexcept : text_(text) {}

  Siblings pattern() {
    Siblings all;
    if (take('{')) {
      all = {list(), false};
      expect('}');
    } else if (skip_space(); at_ != text_.size()) {
      all = {list(), true};
    }
    if (skip_space(); at_ != text_.size()) fail("a comma, or the end");
    return all;
  }

 private:
  std::vector<SpanPattern> list() {
    std::vector<SpanPattern> spans;
    do spans.push_back(span());
    while (take(','));
    return spans;
  }

  SpanPattern span() {
    skip_space();
    const std::size_t begin = at_;
    SpanPattern span;
    if (text_.substr(at_).starts_with("...")) {
      at_ += 3;
      span.is_anything = true;
      span.least = 0, span.most = SpanPattern::kAnyNumber;
    } else {
      span.name = glob("a name");
      span.is_error = take('!');
      if (take('[')) span.tags = tags();
      if (take('(')) {
        if (!take(')')) span.children = {list(), true}, expect(')');
      } else if (take('{')) {
        span.children = {list(), false}, expect('}');
      }
      repetition(span);
    }
    span.shown = text_.substr(begin, at_ - begin);
    return span;
  }

  void repetition(SpanPattern& span) {
    if (take('?')) {
      span.least = 0;
    } else if (take('+')) {
      span.most = SpanPattern::kAnyNumber;
    } else if (take('#')) {
      span.least = span.most = number();
      if (!take('-')) return;
      const bool has_most = at_ < text_.size() && is_digit(text_[at_]);
      span.most = has_most ? number() : SpanPattern::kAnyNumber;
      if (span.most < span.least) fail("a number that is not smaller than the first");
    }
  }

  std::vector<TagPattern> tags() {
    std::vector<TagPattern> tags;
    do {
      TagPattern tag;
      tag.is_absent = take('!');
      tag.key = word("the key of a tag");
      if (!tag.is_absent && take('=')) tag.value = glob("a value");
      tags.push_back(std::move(tag));
    } while (take(','));
    expect(']');
    return tags;
  }

  Glob glob(const char* wanted) {
    Glob glob;
    read(wanted, [&](char c, bool is_quoted) { c == '*' && !is_quoted ? glob.add_star() : glob.add(c); });
    return glob;
  }

  std::string word(const char* wanted) {
    std::string word;
    read(wanted, [&](char c, bool) { word += c; });
    return word;
  }

  template <class Add>
  void read(const char* wanted, Add&& add) {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '"') return read_quoted(add);
    const std::size_t end = std::min(text_.find_first_of(kMarks, at_), text_.size());
    if (end == at_) fail(wanted);
    for (; at_ != end; ++at_) add(text_[at_], false);
  }

  template <class Add>
  void read_quoted(Add&& add) {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      add(text_[at_], true);
    }
    if (at_ == text_.size()) fail("a closing quote");
    ++at_;
  }

  std::size_t number() {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc()) fail("a number");
    at_ = static_cast<std::size_t>(end - text_.data());
    return number;
  }

  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
  void skip_space() noexcept { at_ = std::min(text_.find_first_not_of(" \t\n", at_), text_.size()); }
  bool take(char c) noexcept {
    skip_space();
    const bool is_there = at_ < text_.size() && text_[at_] == c;
    if (is_there) ++at_;
    return is_there;
  }
  void expect(char c) {
    if (!take(c)) fail((std::string("a comma or '") + c + "'").c_str());
  }
  [[noreturn]] void fail(const char* wanted) const {
    throw std::invalid_argument("this is no pattern of spans: \"" + std::string(text_) + "\": at character " +
                                std::to_string(at_ + 1) + " there should be " + wanted);
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool Glob::matches(std::string_view text) const noexcept {
  const std::string &first = parts_.front(), &last = parts_.back();
  if (parts_.size() == 1) return text == first;
  if (text.size() < first.size() + last.size() || !text.starts_with(first) || !text.ends_with(last)) return false;
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  for (std::size_t i = 1; i + 1 < parts_.size(); ++i) {
    const std::size_t at = text.find(parts_[i]);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + parts_[i].size());
  }
  return true;
}

Siblings parse_pattern(std::string_view text) { return Parser(text).pattern(); }

}  // namespace jtrace::inline v1::detail
