#include "records.h"

#include <algorithm>
#include <optional>

#include "core/global.h"
#include "jtrace/tracer.h"
#include "workload.h"

namespace bench {
namespace {

// A core that nobody drains but us.
jtrace::detail::Core& make_core() {
  jtrace::detail::Settings settings;
  settings.service_name = "bench";
  return *new jtrace::detail::Core(std::move(settings), jtrace::detail::Core::End::memory);
}

void finish_spans(jtrace::detail::Core& core, Shape shape, int count) {
  jtrace::detail::CoreHead* head = jtrace::detail::make_head();
  jtrace::detail::point(*head, &core, true);
  const jtrace::Tracer tracer(head);
  std::optional<jtrace::ActiveSpan> parent;
  if (shape == Shape::child) parent.emplace(tracer.start_active_span("parent"));
  trace_calls(tracer, count);
}

}  // namespace

Records::Records(Shape shape, int count) {
  jtrace::detail::Core& core = make_core();
  finish_spans(core, shape, count);
  jtrace::detail::SpanQueue& queue = core.pipeline()->queue();
  std::vector<std::size_t> offsets;
  for (std::uint32_t i = 0; i < queue.state_count(); ++i) {
    queue.drain(queue.state(i), ~std::size_t{0}, [&](const char* record, std::size_t size) {
      offsets.push_back(bytes_.size());
      bytes_.insert(bytes_.end(), record, record + size);
      return true;
    });
  }
  if (shape == Shape::child) offsets.pop_back();  // the parent, which was finished last
  for (const std::size_t offset : offsets) records_.push_back(bytes_.data() + offset);
  for (std::size_t i = 0; i < records_.size(); i += kPerRun) {
    const char* const last = records_[std::min(i + kPerRun, records_.size()) - 1];
    runs_.push_back({records_[i], last + jtrace::detail::RecordView(last).header().size});
  }
}

}  // namespace bench
