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
  std::string text;
  for (const FinishedSpan& span : spans) {
    text = ',';
    ui_json::put_span(text, span);
    text += ",\"processID\":\"p1\",\"warnings\":null}";
    add(ui_json::trace_id(span.trace_id()), text);
    leave_out_quietest();
  }
}

// The trace goes to the end of the list, as it is the one with the latest news.
void UiFileReporter::add(std::string trace_id, std::string_view span) {
  const auto known = places_.find(trace_id);
  if (known == places_.end()) return begin_trace(std::move(trace_id), span.substr(1));
  known->second->spans += span;
  bytes_ += span.size();
  traces_.splice(traces_.end(), traces_, known->second);
}

// Joins the others once nothing can be refused any more.
void UiFileReporter::begin_trace(std::string id, std::string_view span) {
  Traces one;
  one.push_back({std::move(id), std::string(span)});
  places_.emplace(one.front().id, one.begin());
  bytes_ += size(one.front());
  traces_.splice(traces_.end(), one);
}

void UiFileReporter::leave_out_quietest() {
  while (bytes_ > most_bytes_ && !traces_.empty()) {
    bytes_ -= size(traces_.front());
    places_.erase(traces_.front().id);
    traces_.pop_front();
  }
}

std::size_t UiFileReporter::size(const Trace& trace) const noexcept {
  return kBeforeId.size() + trace.id.size() + kBehindId.size() + trace.spans.size() + end_.size();
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
