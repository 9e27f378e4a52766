// Which names the patterns of JTRACE_INSTRUMENT choose, and what a function is called.
#include "auto/filter.h"

#include <doctest/doctest.h>

#include "auto/names.h"

using jtrace::automatic::Filter;
using jtrace::automatic::fits;
using jtrace::automatic::plain_name;

TEST_CASE("a star stands for any letters, a question mark for one, and a pattern fits the whole name") {
  CHECK(fits("", ""));
  CHECK(fits("*", ""));
  CHECK(fits("*", "a::b"));
  CHECK(fits("a::*", "a::b::c"));
  CHECK(fits("a::*::c", "a::b::c"));
  CHECK(fits("*c*", "abcd"));
  CHECK(fits("a?c", "abc"));
  CHECK(fits("*ab", "aab"));
  CHECK(fits("**", "x"));
  CHECK_FALSE(fits("a", "ab"));
  CHECK_FALSE(fits("b", "ab"));
  CHECK_FALSE(fits("a?", "a"));
  CHECK_FALSE(fits("a*c", "ab"));
  CHECK_FALSE(fits("", "a"));
}

TEST_CASE("by default what few want to see is left out") {
  const Filter filter("*");
  CHECK(filter.keeps("main"));
  CHECK(filter.keeps("app::Order::load"));
  CHECK(filter.keeps("app::Order::operator_of_day"));
  CHECK(filter.keeps("stdlib::f"));
  for (const char* name : {"", "app::Order::Order", "Order::Order", "app::Order::~Order", "app::operator+", "operator new",
                           "app::Order::operator()", "std::sort", "__cxx_global_var_init", "app::__hidden", "_GLOBAL__sub_I_main",
                           "main::{lambda", "app::$_0", "jtrace::v1::Span::log"}) {
    CAPTURE(name);
    CHECK_FALSE(filter.keeps(name));
  }
}

TEST_CASE("lambdas and the standard library stay out even by name, the others come in by it") {
  CHECK(Filter("app::__hidden").keeps("app::__hidden"));
  CHECK(Filter("app::Order::Order").keeps("app::Order::Order"));
  CHECK_FALSE(Filter("std::sort").keeps("std::sort"));
}

TEST_CASE("a name that one pattern leaves out stays out, whatever their order") {
  CHECK_FALSE(Filter("!a::b;a::*").keeps("a::b"));
  CHECK_FALSE(Filter("a::*;! a::b ;").keeps("a::b"));
  CHECK(Filter("a::*;!a::b").keeps("a::c"));
  CHECK_FALSE(Filter(";;").keeps("a"));
}

TEST_CASE("a function's name has no result, no parameters, no template arguments and no anonymous scope") {
  CHECK(plain_name("main") == "main");
  CHECK(plain_name("_ZN3app5Order4loadEv") == "app::Order::load");
  CHECK(plain_name("_ZN3appL4findEi") == "app::find");
  CHECK(plain_name("_ZN3app12_GLOBAL__N_16hiddenEv") == "app::hidden");
  CHECK(plain_name("_ZNK3app5Order7convertIiEET_RKSt6vectorIS2_SaIS2_EE") == "app::Order::convert");
  CHECK(plain_name("_ZN3app3BoxIiE3getB5cxx11Ev") == "app::Box::get");
  CHECK(plain_name("_ZN3app5OrdereqERKS0_") == "app::Order::operator==");
  CHECK(plain_name("_ZN3app4taskEv.actor").empty());
}
