#include <mutex>

#include "jtrace/testing.h"
#include "testing/forest.h"
#include "testing/match.h"
#include "testing/recorded_span.h"

namespace jtrace::inline v1::testing {

struct InMemoryReporter::Impl {
  std::mutex mutex;
  std::deque<RecordedSpan> spans;  // guarded by it
};

InMemoryReporter::InMemoryReporter() : impl_(std::make_unique<Impl>()) {}
InMemoryReporter::~InMemoryReporter() = default;

void InMemoryReporter::report(std::span<const FinishedSpan> spans) {
  const std::lock_guard lock(impl_->mutex);
  for (const FinishedSpan& span : spans) impl_->spans.push_back(detail::copy_of(span));
}

std::deque<RecordedSpan> InMemoryReporter::spans() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->spans;
}

RecordedSpan InMemoryReporter::span(std::string_view name) const { return detail::first_named(spans(), name); }
std::string InMemoryReporter::tree() const { return detail::draw(detail::forest_of(spans())); }
Matched InMemoryReporter::matches(std::string_view pattern) const { return detail::match(pattern, spans()); }

void InMemoryReporter::clear() {
  const std::lock_guard lock(impl_->mutex);
  impl_->spans.clear();
}

}  // namespace jtrace::inline v1::testing
