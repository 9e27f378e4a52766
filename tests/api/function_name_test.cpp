// JTRACE_FUNCTION: the operation names that it makes, and where it may stand.
#include "function_names.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "jtrace/testing.h"

namespace {

using jtrace::testing::Recorder;

int evaluated = 0;
std::string counted_name() {
  ++evaluated;
  return "counted";
}
void traced_with_counted_name() {
  JTRACE_FUNCTION(counted_name());
}

int recursive(int depth) {
  JTRACE_FUNCTION();
  return depth == 0 ? 0 : 1 + recursive(depth - 1);
}

struct InConstructor {
  InConstructor() {
    JTRACE_FUNCTION();
    throw std::runtime_error("half built");
  }
};

}  // namespace

TEST_CASE("a function's operation name is its qualified name, whatever its kind") {
  Recorder recorder;
  shop::call_all();
  CHECK(shop::with_known_freedoms(recorder.tree()) == shop::expected_tree());
}

TEST_CASE("a traced function is active until its end, and recursion nests") {
  Recorder recorder;
  CHECK(recursive(2) == 2);
  CHECK(recorder.tree() == "recursive\n  recursive\n    recursive\n");
  CHECK_FALSE(jtrace::active_span());
}

TEST_CASE("a traced function that is left by an exception is marked") {
  Recorder recorder;
  CHECK_THROWS_AS(InConstructor(), std::runtime_error);
  CHECK(recorder.tree() == "InConstructor::InConstructor !\n");
}

TEST_CASE("the traced function's span can be reached as the active one") {
  Recorder recorder;
  [] {
    JTRACE_FUNCTION("reached");
    jtrace::active_span().set_tag("n", 7);
  }();
  CHECK(recorder.span("reached").has_tag("n", 7));
}

TEST_CASE("a traced function follows the active span's tracer and is off when tracing is") {
  shop::plain();
  Recorder recorder;
  shop::plain();
  recorder.sample(false);
  shop::plain();
  CHECK(recorder.tree() == "shop::plain\n");
}

TEST_CASE("a given name is made once per call") {
  Recorder recorder;
  evaluated = 0;
  traced_with_counted_name();
  CHECK(evaluated == 1);
  CHECK(recorder.tree() == "counted\n");
}
