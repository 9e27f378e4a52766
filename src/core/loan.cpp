#include "core/loan.h"

#include "core/leader.h"
#include "core/span_writer.h"

namespace jtrace::inline v1::detail {
namespace {

// Usually the innermost.
void strike(Thread& thread, const SpanLoan* loan) noexcept {
  for (SpanLoan** at = &thread.loan; *at; at = &(*at)->outer) {
    if (*at != loan) continue;
    *at = loan->outer;
    return;
  }
}

}  // namespace

bool comes_back(const Thread& thread, Slot& slot) noexcept {
  for (SpanLoan* loan = thread.loan; loan; loan = loan->outer) {
    if (loan->span.span != &slot.head || !is_current(loan->span)) continue;
    loan->is_back = true;
    loan->back_at = std::chrono::system_clock::now();
    return true;
  }
  return false;
}

void lend(SpanLoan* loan) noexcept {
  if (const Interface* other = leader()) return other->lend(loan);
  Thread* thread = idle_thread();
  if (!thread) return;
  loan->outer = thread->loan;
  thread->loan = loan;
}

void settle(SpanLoan* loan, const std::exception_ptr* seen) noexcept {
  if (const Interface* other = leader()) return other->settle(loan, seen);
  strike(*current_thread, loan);
  SpanHead* const span = loan->span.span;
  if (!loan->is_back || !is_current(loan->span)) return;
  if (span->recording != 0) seen ? mark_exception(span, *seen) : put_error(*slot_of(span), {}, {});
  finish(span, loan->back_at);
  release(span);
}

}  // namespace jtrace::inline v1::detail
