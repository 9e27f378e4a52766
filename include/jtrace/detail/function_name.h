// "ns::Class::function" out of the compiler's __PRETTY_FUNCTION__, at compile time, for g++ and clang alike.
//
// The return type, template arguments, parameters, qualifiers and anonymous scopes go; a lambda becomes "lambda"
// behind the function that holds it. The name is kept in a static of a type with hidden visibility, so that a plugin
// which uses it can be unloaded.
#pragma once

#include <cstddef>
#include <string_view>

namespace jtrace::inline v1::detail {

template <std::size_t N>
struct [[gnu::visibility("hidden")]] FunctionName {
  char text[N]{};
  std::size_t size = 0;

  constexpr std::string_view view() const noexcept { return {text, size}; }
  constexpr void put(std::string_view part) {
    for (const char c : part) text[size++] = c;
  }
  constexpr void clear() {
    while (size) text[--size] = 0;
  }
};

// Walks through one pretty name and writes the qualified name on its way.
template <std::size_t N>
class [[gnu::visibility("hidden")]] FunctionNameParser {
 public:
  constexpr explicit FunctionNameParser(std::string_view pretty) : pretty_(pretty) {}

  constexpr FunctionName<N> parse() {
    while (at_ < pretty_.size() && !done_) step();
    return name_;
  }

 private:
  constexpr void step() {
    if (take_operator() || take_anonymous_scope() || take_lambda() || take_unnamed()) return;
    const char c = pretty_[at_];
    if (c == '<') {
      at_ = group_end(at_);
    } else if (c == '(') {
      parenthesis();
    } else if (c == '[' || starts(" [")) {
      done_ = true;  // [with T = int]
    } else if (c == ' ' || c == '*' || c == '&') {
      name_.clear();  // that was the return type, or a specifier
      ++at_;
    } else {
      name_.put(pretty_.substr(at_++, 1));
    }
  }

  // Parameters end the name, unless a scope goes on behind them: f(int)::Local::m.
  constexpr void parenthesis() {
    const std::string_view before = name_.view();
    if (before.empty()) {  // void (*f(int))(int): walk into the declarator
      ++at_;
      return;
    }
    const bool specifier = before == "decltype" || before == "__attribute__" || before == "noexcept";
    at_ = group_end(at_);
    if (specifier) {
      name_.clear();
      return;
    }
    const std::size_t here = at_;
    if (starts(" const")) at_ += 6;
    if (starts("::")) {
      name_.put("::");
      at_ += 2;
    } else {
      at_ = here;
      done_ = true;
    }
  }

  constexpr bool take_operator() {
    if (!starts("operator") || at_ + 8 >= pretty_.size() || is_identifier(pretty_[at_ + 8])) return false;
    if (name_.size && is_identifier(name_.text[name_.size - 1])) return false;
    name_.put("operator");
    at_ += 8;
    if (starts("()")) {
      name_.put("()");
      at_ += 2;
    } else if (pretty_[at_] == ' ') {
      take_conversion();
    } else {
      while (at_ < pretty_.size() && pretty_[at_] != '(' && pretty_[at_] != ' ') name_.put(pretty_.substr(at_++, 1));
    }
    while (starts(" ")) ++at_;
    if (starts("<")) at_ = group_end(at_);
    return true;
  }

  // operator bool, operator new, operator""_x: up to the parameters.
  constexpr void take_conversion() {
    while (at_ < pretty_.size() && pretty_[at_] != '(') {
      if (pretty_[at_] == '<') {
        at_ = group_end(at_);
      } else {
        name_.put(pretty_.substr(at_++, 1));
      }
    }
  }

  constexpr bool take_anonymous_scope() {
    if (!starts("(anonymous namespace)") && !starts("{anonymous}")) return false;
    at_ = group_end(at_);
    if (starts("::")) at_ += 2;
    return true;
  }

  constexpr bool take_lambda() {
    if (!starts("(anonymous class)") && !starts("(lambda at") && !starts("<lambda")) return false;
    at_ = group_end(at_);
    name_.put("lambda");
    if (starts("::operator()")) at_ += 12;
    return true;
  }

  constexpr bool take_unnamed() {
    if (!starts("<unnamed") && !starts("(unnamed")) return false;
    at_ = group_end(at_);
    name_.put("unnamed");
    return true;
  }

  constexpr bool starts(std::string_view what) const { return pretty_.substr(at_, what.size()) == what; }

  // The index behind the group that opens at `from`; the '>' of an arrow closes nothing.
  constexpr std::size_t group_end(std::size_t from) const {
    int depth = 0;
    for (std::size_t i = from; i < pretty_.size(); ++i) {
      const char c = pretty_[i];
      if (c == '(' || c == '<' || c == '{' || c == '[') ++depth;
      const bool closes = c == ')' || c == '}' || c == ']' || (c == '>' && pretty_[i - 1] != '-');
      if (closes && --depth == 0) return i + 1;
    }
    return pretty_.size();
  }

  static constexpr bool is_identifier(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  std::string_view pretty_;
  std::size_t at_ = 0;
  FunctionName<N> name_;
  bool done_ = false;
};

template <std::size_t N>
constexpr FunctionName<N> function_name(std::string_view pretty) {
  return FunctionNameParser<N>(pretty).parse();
}

}  // namespace jtrace::inline v1::detail
