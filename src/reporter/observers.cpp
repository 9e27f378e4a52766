#include "reporter/observers.h"

#include <algorithm>
#include <exception>
#include <string>

#include "core/log_line.h"
#include "reporter/file_reporter.h"
#include "reporter/logging_reporter.h"
#include "reporter/process_tags.h"

namespace jtrace::inline v1::detail {
namespace {

void tell(const char* what) noexcept {
  try {
    log_rarely(Trouble::reporter, LogLevel::warn, std::string("a reporter beside the collector, or the finish hook, failed: ") + what);
  } catch (...) {
  }
}

}  // namespace

std::unique_ptr<Observers> Observers::make(const Settings& settings) {
  const bool has_any = settings.logging || !settings.file.empty() || !settings.reporters.empty() || settings.finish_hook || settings.limits.has_counts();
  return std::unique_ptr<Observers>(has_any ? new Observers(settings) : nullptr);
}

Observers::Observers(const Settings& settings)
    : has_collector_(settings.has_collector()), limits_(settings.limits), reader_(settings.sampler), editor_(settings.sampler) {
  if (settings.finish_hook) hook_ = settings.finish_hook->get();
  if (settings.logging) own_.push_back(std::make_unique<LoggingReporter>(settings.service_name));
  if (!settings.file.empty()) own_.push_back(std::make_unique<FileReporter>(settings.file, settings.service_name, process_tags(settings)));
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

const char* Observers::edit(const char* record, TickMap& time) noexcept {
  const char* edited = record;
  const bool is_good = guard([&] {
    editor_.begin(RecordView(record), time);
    if (editor_.keep_within(limits_)) cut_.add();
    EditableSpan span(editor_);
    if (hook_) hook_->on_finish(span);
    if (editor_.is_changed()) edited = editor_.record();
  });
  if (is_good && !editor_.is_dropped()) return edited;
  dropped_.add();
  return nullptr;
}

void Observers::report(Run records, TickMap& time) noexcept {
  if (all_.empty() || records.is_read()) return;
  std::uint64_t count = 0;
  for (const char* at = records.at; at < records.end; at += RecordView(at).header().size) ++count;
  has_reported_ = true;
  bool is_taken = guard([&] {
    views_.clear();
    for (const char* at = records.at; at < records.end; at += RecordView(at).header().size)
      views_.emplace_back(reader_.keep(RecordView(at), time));
  });
  if (is_taken) {
    for (jtrace::Reporter* reporter : all_) is_taken = guard([&] { reporter->report(views_); }) && is_taken;
  }
  reader_.forget();
  if (is_taken) return;
  errors_.add(count);
  if (!has_collector_) refused_ += count;
}

void Observers::flush() noexcept {
  if (!has_reported_) return;
  has_reported_ = false;
  for (jtrace::Reporter* reporter : all_) {
    if (!guard([&] { reporter->flush(); })) errors_.add();
  }
}

std::uint32_t Observers::take_refused(std::uint32_t spans) noexcept {
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
