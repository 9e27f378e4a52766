// A small shop, traced: the spans of one order, three levels deep, with tags, logs, an error and an
// exception.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/basic
//
// A program needs no more than <jtrace/jtrace.h> and a variable: the global tracer reads the environment at
// its first use, and what is finished is sent at exit by itself. The calls in main() and report() are here
// only to give the service a good name and to tell you whether the spans arrived.
#include <jtrace/jtrace.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <thread>

using namespace std::chrono_literals;

namespace shop {

void work(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

// JTRACE_FUNCTION() makes the function a span, named as the compiler names it: "shop::load_cart".
int load_cart() {
  JTRACE_FUNCTION();
  auto query = jtrace::start_active_span("db.query", {.kind = jtrace::Kind::client});
  query->set_tag("db.type", "postgresql").set_tag("db.statement", "SELECT * FROM cart WHERE customer = $1");
  work(60ms);
  query->log("rows received", {{"rows", 3}, {"from cache", false}});
  work(15ms);
  return 3;
}

// The exception leaves the block of its span: the span is marked as an error by itself.
void charge_card(double amount) {
  JTRACE_FUNCTION();
  jtrace::active_span().set_tag("amount", amount).set_tag("currency", "EUR");
  work(80ms);
  throw std::runtime_error("the card has expired");
}

void pay(double amount) {
  auto payment = jtrace::start_active_span("payment");
  try {
    charge_card(amount);
  } catch (const std::exception& error) {
    payment->log("second try", {{"reason", error.what()}, {"method", "invoice"}});
    work(25ms);
  }
}

// Something that fails without an exception, and says so.
void send_mail() {
  auto mail = jtrace::start_active_span("mail", {.kind = jtrace::Kind::producer});
  mail->set_tag("mail.to", "customer@example.com");
  work(30ms);
  mail->set_error("the mail server is busy; the mail waits in its queue");
}

jtrace::TraceId order() {
  auto order = jtrace::start_active_span("order", {.kind = jtrace::Kind::server});
  const int items = load_cart();
  order->set_tag("items", items).set_tag("customer", "1017");
  pay(19.90 * items);
  send_mail();
  return order->context().trace_id();
}

}  // namespace shop

// What became of the spans, as the tracer has counted them.
int report(jtrace::TraceId trace) {
  std::cout << "trace " << trace.hex().str() << std::endl;
  const bool has_ended = jtrace::tracer().flush(10s);
  const jtrace::Stats stats = jtrace::tracer().stats();
  if (has_ended && stats.acknowledged == stats.finished && stats.finished != 0) {
    std::cout << "delivered " << stats.acknowledged << " spans; look for the trace in the UI, by default "
              << "http://HOST:16686/trace/" << trace.hex().str() << "\n";
    return EXIT_SUCCESS;
  }
  std::cout << "not delivered: " << stats.acknowledged << " of " << stats.finished << " spans acknowledged, "
            << stats.failed() << " failed, " << stats.queued << " waiting for another attempt, " << stats.not_sampled << " not sampled; jtrace-send tells why\n";
  return EXIT_FAILURE;
}

int main() {
  // Everything comes from the environment, but for the service's name, if it is not there.
  const bool has_name = std::getenv("JAEGER_SERVICE_NAME") != nullptr;
  const auto tracer = has_name ? jtrace::init({}) : jtrace::init({.service_name = "jtrace-basic"});
  if (!tracer) {
    std::cerr << tracer.error().message() << "\n";
    return EXIT_FAILURE;
  }
  if (!tracer->enabled()) {
    std::cout << "Tracing is off. Switch it on: "
                 "JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/basic\n";
    return EXIT_SUCCESS;
  }
  return report(shop::order());
}
