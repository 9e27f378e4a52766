// Classes traced from outside: a subclass with traced methods, and Traced for objects that are called by method pointers.
#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "jtrace/testing.h"
#include "jtrace/trace.h"

namespace shop {

class Order {
 public:
  Order() = default;
  explicit Order(int id, std::string customer = "nobody") : id_(id), customer_(std::move(customer)) {}

  int load(int more) { return id_ + more; }
  std::string load(const std::string& what) const { return what + " of " + customer_; }
  const std::string& customer() const noexcept { return customer_; }
  void save(int attempts, jtrace::Span& span) { span.set_tag("attempts", attempts); }
  int hand_over(jtrace::Span span) {
    span.set_tag("handed over", true);
    return id_;
  }
  std::unique_ptr<int> exchange(std::unique_ptr<int> given) { return given; }
  std::string take() && { return std::move(customer_); }
  template <class T>
  T echo(T value) {
    return value;
  }
  static int limit(int of) { return of; }
  virtual int price() const { return 1; }
  void refuse() { throw std::invalid_argument("not for sale"); }
  int untouched() { return id_; }
  void traces_itself() { JTRACE_FUNCTION(); }
  int traces_itself_too(int n) {
    JTRACE_FUNCTION_AS(span);
    span->set_tag("n", n);
    jtrace::start_span("child").finish();
    return n;
  }
  void has_its_own_name() const { JTRACE_FUNCTION("its own name"); }
  void throws_in_its_own() {
    JTRACE_FUNCTION();
    throw std::invalid_argument("not for sale");
  }
  void hands_its_own_on(std::thread& to) {
    JTRACE_FUNCTION_AS(span);
    to = std::thread([span = std::move(span).release()]() mutable { span.set_tag("elsewhere", true); });
  }
  void calls_another() { another(); }
  static void another() { JTRACE_FUNCTION(); }
  void is_late() {
    auto first = jtrace::start_active_span("first");
    JTRACE_FUNCTION();
  }
  int recurses(int n) {
    JTRACE_FUNCTION();
    return n == 0 ? 0 : recurses(n - 1);
  }
  virtual ~Order() = default;

 private:
  int id_ = 0;
  std::string customer_;
};

class Sealed final {
 public:
  explicit Sealed(int n) : n_(n) {}
  int a() { return n_; }
  int b(int more) const { return n_ + more; }
  int c(int n, jtrace::SpanRef span) {
    span.set_tag("n", n);
    return n;
  }
  void with_own_trace() { JTRACE_FUNCTION(); }

 private:
  int n_;
};

struct Ledger {
  void note() { JTRACE_FUNCTION(); }
  void note_by_name() { JTRACE_FUNCTION("a note"); }
  static int count(int n) {
    JTRACE_FUNCTION();
    return n;
  }
  void untraced() {}
};
struct Bill : Ledger {
  void pay() { note(); }
};

template <class T>
struct Shelf {
  T put(T thing) { return thing; }
};

}  // namespace shop

JTRACE_TRACED_CLASS(TracedOrder, shop::Order, load, customer, save, hand_over, exchange, take, echo, limit, price, refuse, traces_itself_too,
                    has_its_own_name, throws_in_its_own, hands_its_own_on, calls_another, another, is_late, recurses);
JTRACE_TRACED_CLASS(TracedBill, shop::Bill, note, note_by_name, count, untraced, pay);
JTRACE_TRACED_CLASS(TracedShelf, shop::Shelf<int>, put);

namespace {
using jtrace::testing::Recorder;
using shop::Sealed;
}  // namespace

TEST_CASE("a traced class is made, called and passed as its base is, and its listed methods are traced by the base's name") {
  Recorder recorder;
  TracedOrder order(17, "Ann");
  CHECK(order.load(3) == 20);
  CHECK(order.load("a letter") == "a letter of Ann");
  CHECK(order.untouched() == 17);
  const TracedOrder& constant = order;
  CHECK(constant.load("one") == "one of Ann");
  CHECK(&constant.customer() == &static_cast<const shop::Order&>(order).customer());
  shop::Order& base = order;
  CHECK(base.load(1) == 18);
  CHECK(recorder.tree() == "shop::Order::load\nshop::Order::load\nshop::Order::load\nshop::Order::customer\n");
}

TEST_CASE("a traced class's methods may be static, virtual, templates, of rvalues, and move what is given") {
  Recorder recorder;
  TracedOrder order(1, "Ben");
  CHECK(TracedOrder::limit(4) == 4);
  CHECK(order.limit(5) == 5);
  CHECK(order.price() == 1);
  CHECK(order.echo(2.5) == 2.5);
  CHECK(*order.exchange(std::make_unique<int>(6)) == 6);
  CHECK(TracedOrder(2).load(1) == 3);
  CHECK(std::move(order).take() == "Ben");
  CHECK(recorder.tree() ==
        "shop::Order::limit\nshop::Order::limit\nshop::Order::price\nshop::Order::echo\nshop::Order::exchange\n"
        "shop::Order::load\nshop::Order::take\n");
}

TEST_CASE("a traced class's methods are handed their span, and their exceptions mark it") {
  Recorder recorder;
  TracedOrder order(8);
  order.save(3);
  CHECK(recorder.span("shop::Order::save").has_tag("attempts", 3));
  CHECK(order.hand_over() == 8);
  CHECK(recorder.span("shop::Order::hand_over").has_tag("handed over", true));
  CHECK_THROWS_AS(order.refuse(), std::invalid_argument);
  CHECK(recorder.span("shop::Order::refuse").is_error());
  const jtrace::Value* kind = recorder.span("shop::Order::refuse").logs.at(0).field("error.kind");
  REQUIRE(kind);
  CHECK(*kind == jtrace::Value("std::invalid_argument"));
}

TEST_CASE("a method with a trace of its own is traced once, though the list does not name it") {
  Recorder recorder;
  TracedOrder().traces_itself();
  jtrace::Traced<Sealed, jtrace::methods<&Sealed::a>> sealed(1);
  sealed.call<&Sealed::with_own_trace>();
  CHECK(recorder.tree() == "shop::Order::traces_itself\nshop::Sealed::with_own_trace\n");
}

TEST_CASE("a method with a trace of its own is traced once, though the list names it, and keeps its name, tags and children") {
  Recorder recorder;
  TracedOrder order;
  CHECK(order.traces_itself_too(4) == 4);
  order.has_its_own_name();
  jtrace::Traced<Sealed> sealed(1);
  sealed.call<&Sealed::with_own_trace>();
  CHECK(recorder.tree() == "shop::Order::traces_itself_too\n  child\nits own name\nshop::Sealed::with_own_trace\n");
  CHECK(recorder.span("shop::Order::traces_itself_too").has_tag("n", 4));
  CHECK_FALSE(jtrace::active_span());
}

TEST_CASE("a method's own trace may fail, recurse, or go to another thread while it is the listed method's") {
  Recorder recorder;
  TracedOrder order;
  CHECK_THROWS_AS(order.throws_in_its_own(), std::invalid_argument);
  CHECK(order.recurses(2) == 0);
  std::thread other;
  order.hands_its_own_on(other);
  CHECK_FALSE(jtrace::active_context().is_valid());
  other.join();
  CHECK(recorder.tree() ==
        "shop::Order::throws_in_its_own !\nshop::Order::recurses\n  shop::Order::recurses\n    shop::Order::recurses\n"
        "shop::Order::hands_its_own_on\n");
  CHECK(recorder.span("shop::Order::throws_in_its_own").logs.size() == 1);
  CHECK(recorder.span("shop::Order::hands_its_own_on").has_tag("elsewhere", true));
}

TEST_CASE("an inherited method with a trace of its own is traced once, by that, though the list names it") {
  Recorder recorder;
  TracedBill bill;
  bill.note();
  bill.note_by_name();
  CHECK(bill.count(4) == 4);
  bill.untraced();
  bill.pay();
  jtrace::Traced<shop::Bill>().call<&shop::Bill::note>();
  CHECK(recorder.tree() ==
        "shop::Ledger::note\na note\nshop::Ledger::count\nshop::Bill::untraced\nshop::Bill::pay\n  shop::Ledger::note\nshop::Ledger::note\n");
}

TEST_CASE("a listed method's span is taken over by no other function") {
  Recorder recorder;
  TracedOrder order;
  order.calls_another();
  order.is_late();
  TracedOrder::another();
  order.traces_itself();
  CHECK(recorder.tree() ==
        "shop::Order::calls_another\n  shop::Order::another\nshop::Order::is_late\n  first\n    shop::Order::is_late\n"
        "shop::Order::another\nshop::Order::traces_itself\n");
}

TEST_CASE("a traced class template's name is that of the template") {
  Recorder recorder;
  CHECK(TracedShelf().put(3) == 3);
  CHECK(recorder.tree() == "shop::Shelf::put\n");
}

TEST_CASE("Traced with a list traces what it names and calls the rest as it is") {
  Recorder recorder;
  jtrace::Traced<Sealed, jtrace::methods<&Sealed::a, &Sealed::c>> sealed(5);
  CHECK(sealed.call<&Sealed::a>() == 5);
  CHECK(sealed.call<&Sealed::b>(1) == 6);
  CHECK(sealed.call<&Sealed::c>(9) == 9);
  CHECK(recorder.tree() == "shop::Sealed::a\nshop::Sealed::c\n");
  CHECK(recorder.span("shop::Sealed::c").has_tag("n", 9));
}

TEST_CASE("Traced traces all that is called through it, except what is ignored") {
  Recorder recorder;
  jtrace::Traced<Sealed> all(1);
  CHECK(all.call<&Sealed::a>() == 1);
  const auto& constant = all;
  CHECK(constant.call<&Sealed::b>(2) == 3);
  jtrace::Traced<Sealed, jtrace::ignore<&Sealed::a>> most(1);
  CHECK(most.call<&Sealed::a>() == 1);
  CHECK(most.call<&Sealed::b>(1) == 2);
  CHECK(recorder.tree() == "shop::Sealed::a\nshop::Sealed::b\nshop::Sealed::b\n");
  CHECK(all.object().a() == 1);
}

TEST_CASE("traced methods work as ever when tracing is off") {
  TracedOrder order(3);
  CHECK(order.load(1) == 4);
  order.save(1);
  CHECK(order.hand_over() == 3);
  CHECK_THROWS_AS(order.refuse(), std::invalid_argument);
  jtrace::Traced<Sealed> sealed(2);
  CHECK(sealed.call<&Sealed::c>(4) == 4);
}
