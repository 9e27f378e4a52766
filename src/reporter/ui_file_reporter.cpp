#include "reporter/ui_file_reporter.h"

#include <utility>

#include "encode/json.h"
#include "reporter/ui_json.h"
#include "reporter/write_all.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::string_view kBeforeId = ",{\"traceID\":\"", kBehindId = "\",\"spans\":[";

}  // namespace

UiFileReporter::UiFileReporter(std::string path, std::string_view service_name, const std::vector<ProcessTag>& tags, std::size_t most_bytes)
    : path_(std::move(path)),
      end_("],\"processes\":{\"p1\":" + ui_json::process(service_name, tags) + "},\"warnings\":null}"),
      most_bytes_(most_bytes) {}

void UiFileReporter::report(std::span<const FinishedSpan> spans) {
  for (const FinishedSpan& span : spans) {
    std::string& text = trace_of(span).spans;
    const std::size_t before = text.size();
    if (before != 0) text += ',';
    ui_json::put_span(text, span);
    text += ",\"processID\":\"p1\",\"warnings\":null}";
    bytes_ += text.size() - before;
  }
  leave_out_quietest();
}

// At the end of the list, as it is the one with the latest news.
UiFileReporter::Trace& UiFileReporter::trace_of(const FinishedSpan& span) {
  std::string id = ui_json::trace_id(span.trace_id());
  const auto known = places_.find(id);
  if (known != places_.end()) {
    traces_.splice(traces_.end(), traces_, known->second);
    return *known->second;
  }
  traces_.push_back({std::move(id), {}});
  places_.emplace(traces_.back().id, std::prev(traces_.end()));
  bytes_ += size_around_spans(traces_.back());
  return traces_.back();
}

void UiFileReporter::leave_out_quietest() {
  while (bytes_ > most_bytes_) {
    bytes_ -= traces_.front().spans.size() + size_around_spans(traces_.front());
    places_.erase(traces_.front().id);
    traces_.pop_front();
  }
}

std::size_t UiFileReporter::size_around_spans(const Trace& trace) const noexcept {
  return kBeforeId.size() + trace.id.size() + kBehindId.size() + end_.size();
}

std::string UiFileReporter::document() const {
  std::string text = "{\"data\":[";
  text.reserve(bytes_ + 100);
  for (const Trace& trace : traces_) {
    text.append(kBeforeId.substr(&trace == &traces_.front() ? 1 : 0)).append(trace.id).append(kBehindId).append(trace.spans).append(end_);
  }
  text += "],\"total\":";
  json::put_number(text, static_cast<std::uint64_t>(traces_.size()));
  return text += ",\"limit\":0,\"offset\":0,\"errors\":null}\n";
}

void UiFileReporter::flush() {
  replace_file(path_, document());
}

}  // namespace jtrace::inline v1::detail
