#include <algorithm>
#include <new>
#include <stdexcept>

#include "clock/clock.h"
#include "core/global.h"
#include "core/leader.h"
#include "jtrace/testing.h"
#include "testing/forest.h"
#include "testing/match.h"
#include "testing/recorded_span.h"

namespace jtrace::inline v1::testing {

const Value* RecordedLog::field(std::string_view key) const noexcept {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const RecordedField& f) { return f.first == key; });
  return found == fields.end() ? nullptr : &found->second;
}

const Value* RecordedSpan::tag(std::string_view key) const noexcept {
  const auto found = std::find_if(tags.begin(), tags.end(), [&](const RecordedField& f) { return f.first == key; });
  return found == tags.end() ? nullptr : &found->second;
}

bool RecordedSpan::has_tag(std::string_view key, const Value& wanted) const noexcept {
  const Value* value = tag(key);
  return value && *value == wanted;
}

bool RecordedSpan::is_error() const noexcept { return has_tag("error", true); }

// A core without a reporter: whoever asks drains the queue.
class Recorder::Impl {
 public:
  Impl() : core_(make_core()), head_(detail::make_head()) {
    detail::point(*head_, core_, true);
    before_ = detail::replace_global({core_, detail::TracerHead::kOn});
  }
  ~Impl() {
    detail::replace_global(before_);
    detail::point(*head_, nullptr, false);
    core_->close(0);
  }

  detail::TracerHead* head() const noexcept { return head_; }
  detail::Core& core() noexcept { return *core_; }

  std::deque<RecordedSpan>& spans() {
    detail::Pipeline* pipeline = core_->pipeline();
    if (!pipeline) return spans_;
    detail::Clock::instance().tick();
    detail::Clock::instance().with_map([&](detail::TickMap& time) {
      detail::SpanQueue& queue = pipeline->queue();
      for (std::uint32_t i = 0; i < queue.state_count(); ++i) {
        queue.drain(queue.state(i), ~std::size_t{0}, [&](const char* record, std::size_t size) {
          if (record) spans_.push_back(detail::read_record(record, size, core_->sampler(), time));
          return true;
        });
      }
    });
    return spans_;
  }

 private:
  static detail::Core* make_core() {
    if (detail::leader()) throw std::logic_error("a Recorder records where the process's first copy of jtrace is");
    detail::Settings settings;
    settings.service_name = "test";
    return new detail::Core(std::move(settings), detail::Core::End::memory);
  }

  detail::Core* core_;
  detail::CoreHead* head_;
  detail::GlobalPlace before_{};
  std::deque<RecordedSpan> spans_;
};

Recorder::Recorder() : impl_(std::make_unique<Impl>()) {}
Recorder::~Recorder() = default;

Tracer Recorder::tracer() const noexcept { return Tracer(impl_->head()); }
void Recorder::sample(bool keep) noexcept { impl_->core().drop_all(!keep); }
const std::deque<RecordedSpan>& Recorder::spans() { return impl_->spans(); }
const RecordedSpan& Recorder::span(std::string_view name) { return detail::first_named(spans(), name); }
std::string Recorder::tree() { return detail::draw(detail::forest_of(spans())); }
Matched Recorder::matches(std::string_view pattern) { return detail::match(pattern, spans()); }
void Recorder::clear() { impl_->spans().clear(); }

}  // namespace jtrace::inline v1::testing
