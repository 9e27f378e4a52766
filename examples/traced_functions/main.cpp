// The decorator document's program: class A, class B, foo and bar, as @trace has them.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/traced_functions
#include <jtrace/trace.h>

// @trace on a class, and @trace(ignore=True) on one of its methods: nothing in A knows of it.
class A {
 public:
  void foo() {}
  void bar() {}
};
using TracedA = jtrace::Traced<A, jtrace::ignore<&A::bar>>;

// @trace(method_list=['foo']), and @trace(span_name='span') on a method that the list does not name.
class B {
 public:
  void foo() {}
  void bar() {}
  void baz() {
    JTRACE_FUNCTION_AS(span);
    if (*span) span->log({{"message", "bomb"}});
  }
};
JTRACE_TRACED_CLASS(TracedB, B, foo);

// @trace
void foo() {
  JTRACE_FUNCTION();
  auto tracer = jtrace::tracer();
  {
    auto scope = tracer.start_active_span("span_in_foo");
  }
  {
    auto scope = tracer.start_active_span("another_span_in_foo");
    scope.span().log({{"message", "bomb"}});
  }
}

// @trace(span_name='_bar'): the span is handed to the function, which need not make it.
void bar(jtrace::Span& _bar) {
  _bar.set_tag("handed", true);
}

int main() {
  TracedA a;
  a.call<&A::foo>();
  a.call<&A::bar>();  // no span

  TracedB b;
  b.foo();
  b.bar();  // no span
  b.baz();

  foo();
  jtrace::traced<&bar>();
}
