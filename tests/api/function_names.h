// Functions of every kind, each traced by JTRACE_FUNCTION() under its own name.
//
// No test framework here: the same file is compiled and run with every compiler that is installed, since the
// names come from the compiler. call_all() calls each function once; expected_tree() says what a recorder
// must have seen.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "jtrace/trace.h"

namespace shop {

inline void plain() {
  JTRACE_FUNCTION();
}
inline int with_parameters(int a, const std::vector<std::pair<int, std::string>>& b, void (*c)(int)) {
  JTRACE_FUNCTION();
  return a + static_cast<int>(b.size()) + (c != nullptr);
}
inline std::vector<std::pair<int, std::string>> long_return_type() {
  JTRACE_FUNCTION();
  return {};
}
inline const char* pointer_return() {
  JTRACE_FUNCTION();
  return nullptr;
}
inline const std::string& reference_return(const std::string& given) {
  JTRACE_FUNCTION();
  return given;
}
inline void target(int) {}
inline void (*function_pointer_return(int))(int) {
  JTRACE_FUNCTION();
  return &target;
}
inline auto deduced_return() {
  JTRACE_FUNCTION();
  return 1;
}
inline auto trailing_return(int a) -> decltype(a + 1) {
  JTRACE_FUNCTION();
  return a;
}
inline decltype(auto) decltype_auto_return(int a) {
  JTRACE_FUNCTION();
  return a;
}
inline void never_throws() noexcept {
  JTRACE_FUNCTION();
}
static inline void with_internal_linkage() {
  JTRACE_FUNCTION();
}
extern "C" inline void jtrace_test_c_function() {
  JTRACE_FUNCTION();
}

namespace {
void in_anonymous_namespace() {
  JTRACE_FUNCTION();
}
struct Hidden {
  void method() { JTRACE_FUNCTION(); }
};
}  // namespace

inline namespace v2 {
inline void in_inline_namespace() {
  JTRACE_FUNCTION();
}
}  // namespace v2

template <class T>
T function_template(T value) {
  JTRACE_FUNCTION();
  return value;
}
template <class... T>
void variadic_template(const T&...) {
  JTRACE_FUNCTION();
}
template <int N, bool Less = (N < 3)>
void value_template() {
  JTRACE_FUNCTION();
}
template <class T>
  requires(sizeof(T) > 1)
void constrained_template(T) {
  JTRACE_FUNCTION();
}
void abbreviated_template(std::integral auto value) {
  JTRACE_FUNCTION();
  (void)value;
}

class Order {
 public:
  Order() { JTRACE_FUNCTION(); }
  explicit Order(int) { JTRACE_FUNCTION(); }
  ~Order() { JTRACE_FUNCTION(); }
  void method() { JTRACE_FUNCTION(); }
  void const_method() const { JTRACE_FUNCTION(); }
  void reference_qualified() && { JTRACE_FUNCTION(); }
  void volatile_noexcept() const volatile noexcept { JTRACE_FUNCTION(); }
  static void static_method() { JTRACE_FUNCTION(); }
  virtual void virtual_method(const std::string&) { JTRACE_FUNCTION(); }
  template <class T>
  void member_template(T) {
    JTRACE_FUNCTION();
  }
  bool operator==(const Order&) const {
    JTRACE_FUNCTION();
    return true;
  }
  bool operator<(const Order&) const {
    JTRACE_FUNCTION();
    return true;
  }
  Order& operator<<(int) {
    JTRACE_FUNCTION();
    return *this;
  }
  Order& operator>>(int) {
    JTRACE_FUNCTION();
    return *this;
  }
  Order* operator->() {
    JTRACE_FUNCTION();
    return this;
  }
  void operator()(int) { JTRACE_FUNCTION(); }
  int operator[](int) {
    JTRACE_FUNCTION();
    return 0;
  }
  Order& operator++() {
    JTRACE_FUNCTION();
    return *this;
  }
  Order& operator+=(int) {
    JTRACE_FUNCTION();
    return *this;
  }
  explicit operator bool() const {
    JTRACE_FUNCTION();
    return true;
  }
  template <class T>
  bool operator>(const T&) const {
    JTRACE_FUNCTION();
    return true;
  }
  struct Nested {
    void method() { JTRACE_FUNCTION(); }
  };
};
inline void operator,(const Order&, const Order&) {
  JTRACE_FUNCTION();
}

// Their names begin like the keyword, and are none.
inline void operator_like() {
  JTRACE_FUNCTION();
}
inline void my_operator() {
  JTRACE_FUNCTION();
}

template <class T, int N = 3>
struct Box {
  void method() { JTRACE_FUNCTION(); }
  template <class U>
  void member_template(U) const {
    JTRACE_FUNCTION();
  }
  struct Inner {
    static void deep() { JTRACE_FUNCTION(); }
  };
};

inline void with_lambdas() {
  const auto lambda = [](int) { JTRACE_FUNCTION(); };
  const auto generic = [](auto) { JTRACE_FUNCTION(); };
  const auto nested = [] {
    const auto inner = [] { JTRACE_FUNCTION(); };
    inner();
  };
  lambda(1);
  generic(1);
  nested();
}
inline void with_local_class(int) {
  struct Local {
    void method() const { JTRACE_FUNCTION(); }
  };
  Local().method();
}
inline void named_by_hand(int n) {
  JTRACE_FUNCTION("a name of its own " + std::to_string(n));
}
inline void two_in_one() {
  { JTRACE_FUNCTION(); }
  { JTRACE_FUNCTION("second block"); }
}
inline void calls_another() {
  JTRACE_FUNCTION();
  plain();
}

// Under a root of this name, so that one tree shows all.
inline void call_all() {
  JTRACE_FUNCTION();
  plain();
  with_parameters(1, {}, nullptr);
  long_return_type();
  pointer_return();
  reference_return("");
  function_pointer_return(1);
  deduced_return();
  trailing_return(1);
  decltype_auto_return(1);
  never_throws();
  with_internal_linkage();
  jtrace_test_c_function();
  in_anonymous_namespace();
  Hidden().method();
  in_inline_namespace();
  function_template(std::string("x"));
  function_template(1);
  variadic_template(1, "two", 3.0);
  value_template<2>();
  constrained_template(1);
  abbreviated_template(1);
  {
    Order order, other(1);
    order.method();
    order.const_method();
    std::move(order).reference_qualified();
    order.volatile_noexcept();
    Order::static_method();
    order.virtual_method("");
    order.member_template(std::vector<int>());
    (void)(order == other);
    (void)(order < other);
    order << 1;
    order >> 1;
    (void)order.operator->();
    order(1);
    (void)order[1];
    ++order;
    order += 1;
    (void)static_cast<bool>(order);
    (void)(order > 1);
    order, other;
  }
  Order::Nested().method();
  operator_like();
  my_operator();
  Box<std::vector<int>>().method();
  Box<std::vector<int>>().member_template(1);
  Box<std::string>::Inner::deep();
  with_lambdas();
  with_local_class(1);
  named_by_hand(7);
  two_in_one();
  calls_another();
}

inline std::string expected_tree() {
  std::string tree = "shop::call_all\n";
  for (const char* name : {"shop::plain",
                           "shop::with_parameters",
                           "shop::long_return_type",
                           "shop::pointer_return",
                           "shop::reference_return",
                           "shop::function_pointer_return",
                           "shop::deduced_return",
                           "shop::trailing_return",
                           "shop::decltype_auto_return",
                           "shop::never_throws",
                           "shop::with_internal_linkage",
                           "(C)",
                           "shop::in_anonymous_namespace",
                           "shop::Hidden::method",
                           "(inline)",
                           "shop::function_template",
                           "shop::function_template",
                           "shop::variadic_template",
                           "shop::value_template",
                           "shop::constrained_template",
                           "shop::abbreviated_template",
                           "shop::Order::Order",
                           "shop::Order::Order",
                           "shop::Order::method",
                           "shop::Order::const_method",
                           "shop::Order::reference_qualified",
                           "shop::Order::volatile_noexcept",
                           "shop::Order::static_method",
                           "shop::Order::virtual_method",
                           "shop::Order::member_template",
                           "shop::Order::operator==",
                           "shop::Order::operator<",
                           "shop::Order::operator<<",
                           "shop::Order::operator>>",
                           "shop::Order::operator->",
                           "shop::Order::operator()",
                           "shop::Order::operator[]",
                           "shop::Order::operator++",
                           "shop::Order::operator+=",
                           "shop::Order::operator bool",
                           "shop::Order::operator>",
                           "shop::operator,",
                           "shop::Order::~Order",
                           "shop::Order::~Order",
                           "shop::Order::Nested::method",
                           "shop::operator_like",
                           "shop::my_operator",
                           "shop::Box::method",
                           "shop::Box::member_template",
                           "shop::Box::Inner::deep",
                           "shop::with_lambdas::lambda",
                           "shop::with_lambdas::lambda",
                           "shop::with_lambdas::lambda::lambda",
                           "shop::with_local_class::Local::method",
                           "a name of its own 7",
                           "shop::two_in_one",
                           "second block",
                           "shop::calls_another"}) {
    tree += std::string("  ") + name + "\n";
  }
  return tree + "    shop::plain\n";
}

// Two names are spelled differently by the compilers, which both are right: a C function has no namespace for
// g++'s and clang's linker but has one in the language, and inline namespaces are shown by some and not by
// others.
inline std::string with_known_freedoms(std::string tree) {
  const auto replace = [&](const std::string& line, const std::string& by) {
    if (const auto at = tree.find("  " + line + "\n"); at != std::string::npos)
      tree.replace(at + 2, line.size(), by);
  };
  replace("jtrace_test_c_function", "(C)");
  replace("shop::jtrace_test_c_function", "(C)");
  replace("shop::v2::in_inline_namespace", "(inline)");
  replace("shop::in_inline_namespace", "(inline)");
  return tree;
}

}  // namespace shop
