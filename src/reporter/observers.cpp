#include "reporter/observers.h"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "core/log_line.h"
#include "reporter/file_reporter.h"
#include "reporter/logging_reporter.h"
#include "reporter/process_tags.h"
#include "reporter/ui_file_reporter.h"

namespace jtrace::inline v1::detail {
namespace {

void tell(const char* what) noexcept {
  try {
    log_rarely(Trouble::reporter, LogLevel::warn, std::string("a reporter beside the collector, or the finish hook, failed: ") + what);
  } catch (...) {
  }
}

std::unique_ptr<jtrace::Reporter> make_file_reporter(const Settings& settings) {
  const std::vector<ProcessTag> tags = process_tags(settings);
  if (settings.file_format == FileFormat::jaeger_ui) return std::make_unique<UiFileReporter>(settings.file, settings.service_name, tags);
  return std::make_unique<FileReporter>(settings.file, settings.service_name, tags);
}

}  // namespace

std::unique_ptr<Observers> Observers::make(const Settings& settings, bool is_decoded_for_way_out) {
  const bool has_any = settings.logging || !settings.file.empty() || !settings.reporters.empty() || settings.finish_hook ||
                       settings.limits.has_counts() || is_decoded_for_way_out;
  return std::unique_ptr<Observers>(has_any ? new Observers(settings) : nullptr);
}

Observers::Observers(const Settings& settings)
    : has_collector_(settings.has_collector()), limits_(settings.limits), reader_(settings.sampler), editor_(reader_) {
  if (settings.finish_hook) hook_ = settings.finish_hook->get();
  if (settings.logging) own_.push_back(std::make_unique<LoggingReporter>(settings.service_name));
  if (!settings.file.empty()) own_.push_back(make_file_reporter(settings));
  for (const auto& reporter : own_) all_.push_back(reporter.get());
  for (const auto& held : settings.reporters) all_.push_back(held->get());
}

template <class F>
bool Observers::guard(F&& call) noexcept {
  try {
    call();
    return true;
  } catch (const std::exception& thrown) {
    tell(thrown.what());
  } catch (...) {
    tell("something that is no std::exception");
  }
  return false;
}

std::size_t Observers::look(Run& records, TickMap& time) noexcept {
  try {
    for (; !records.is_read(); records.at += RecordView(records.at).header().size)
      seen_.push_back({records.at, &reader_.keep(RecordView(records.at), time)});
  } catch (const std::bad_alloc&) {  // those that there are go on
  }
  return seen_.size();
}

bool Observers::edit(std::size_t index) noexcept {
  Seen& seen = seen_[index];
  edited_ = seen.record;
  const bool is_good = guard([&] {
    editor_.begin(RecordView(seen.record), *seen.span);
    if (editor_.keep_within(limits_)) cut_.add();
    EditableSpan span(editor_);
    if (hook_) hook_->on_finish(span);
  });
  seen.is_dropped = !is_good || editor_.is_dropped();
  if (seen.is_dropped) dropped_.add();
  return !seen.is_dropped;
}

const char* Observers::edited_record() noexcept {
  if (editor_.is_changed() && !guard([&] { edited_ = editor_.record(); })) return nullptr;
  return edited_;
}

void Observers::report() noexcept {
  if (!all_.empty()) show();
  seen_.clear();
  reader_.forget();
}

void Observers::show() noexcept {
  std::erase_if(seen_, [](const Seen& seen) { return seen.is_dropped; });
  if (seen_.empty()) return;
  has_reported_ = true;
  bool is_taken = guard([&] {
    views_.clear();
    for (const Seen& seen : seen_) views_.emplace_back(*seen.span);
  });
  if (is_taken) {
    for (jtrace::Reporter* reporter : all_) is_taken = guard([&] { reporter->report(views_); }) && is_taken;
  }
  if (!has_collector_) (is_taken ? unflushed_ : refused_) += seen_.size();
  if (!is_taken) errors_.add(seen_.size());
}

void Observers::flush() noexcept {
  if (!has_reported_) return;
  has_reported_ = false;
  std::uint64_t failed = 0;
  for (jtrace::Reporter* reporter : all_) failed += !guard([&] { reporter->flush(); });
  errors_.add(failed);
  if (failed == 0) unflushed_ = 0;
}

std::uint32_t Observers::take_refused(std::uint32_t spans) noexcept {
  refused_ += std::exchange(unflushed_, 0);
  const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>(refused_, spans));
  refused_ -= taken;
  return taken;
}

void Observers::add_to(Stats& stats) const noexcept {
  stats.reporter_errors += errors_.get();
  stats.hook_dropped += dropped_.get();
  stats.cut += cut_.get();
}

}  // namespace jtrace::inline v1::detail
