#include "store.h"

#include <algorithm>

namespace jtrace::collector {
namespace {

// What a trace costs beside its spans: nodes in the map and in the two lists.
constexpr std::size_t kEntryOverhead = 384;
// What a span costs beside itself: its pointer, its fingerprint's node and bucket, its share of the index.
constexpr std::size_t kSpanOverhead = 64;
// How far back to look for an equal process; services send from few processes in turn.
constexpr std::size_t kProcessesLookedAt = 8;

Trace snapshot(const TraceId& id, const std::vector<SpanPtr>& spans) {
  Trace trace{id, spans};
  std::stable_sort(trace.spans.begin(), trace.spans.end(),
                   [](const SpanPtr& left, const SpanPtr& right) { return left->start < right->start; });
  return trace;
}

}  // namespace

void Store::add(const std::vector<SpanPtr>& spans, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  for (const SpanPtr& span : spans) {
    add_one(span, now);
    while (stats_.bytes > max_bytes_ && !by_age_.empty()) evict_oldest();
  }
}

void Store::add_one(const SpanPtr& span, Clock::time_point now) {
  Entry& entry = entry_for(span->trace_id);
  if (!entry.fingerprints.insert(fingerprint(*span)).second) {
    ++stats_.duplicates;
    return;
  }
  const std::size_t before = entry.bytes;
  note_process(entry, span->process);
  entry.spans.push_back(span);
  entry.bytes += footprint(*span) + kSpanOverhead;
  stats_.bytes += entry.bytes - before;
  ++stats_.spans;
  ++stats_.received;
  count_operation(*span);
  note_change(span->trace_id, entry, now);
}

Store::Entry& Store::entry_for(const TraceId& id) {
  auto [found, is_new] = traces_.try_emplace(id);
  Entry& entry = found->second;
  if (is_new) {
    entry.age = by_age_.insert(by_age_.end(), id);
    entry.bytes = kEntryOverhead;
    stats_.bytes += kEntryOverhead;
  }
  return entry;
}

void Store::note_change(const TraceId& id, Entry& entry, Clock::time_point now) {
  if (entry.changed) {
    changed_.splice(changed_.end(), changed_, entry.place);
  } else {
    entry.place = changed_.insert(changed_.end(), id);
    entry.changed = true;
  }
  entry.changed_at = now;
}

void Store::note_process(Entry& entry, const ProcessPtr& process) {
  std::size_t looked_at = 0;
  for (auto known = entry.processes.rbegin(); known != entry.processes.rend(); ++known) {
    if (*known == process) return;
    if (++looked_at == kProcessesLookedAt) break;
  }
  // Other traces may share it; counting it for each errs on the safe side.
  entry.processes.push_back(process);
  entry.bytes += footprint(*process) + sizeof(ProcessPtr);
}

void Store::count_operation(const Span& span) {
  ++index_[span.process->service][span.operation][span_kind(span)];
}

void Store::discount_operation(const Span& span) {
  const auto service = index_.find(span.process->service);
  const auto operation = service->second.find(span.operation);
  const auto kind = operation->second.find(span_kind(span));
  if (--kind->second == 0) operation->second.erase(kind);
  if (operation->second.empty()) service->second.erase(operation);
  if (service->second.empty()) index_.erase(service);
}

void Store::evict_oldest() {
  const auto oldest = traces_.find(by_age_.front());
  Entry& entry = oldest->second;
  for (const SpanPtr& span : entry.spans) discount_operation(*span);
  if (entry.changed) changed_.erase(entry.place);
  stats_.bytes -= entry.bytes;
  stats_.spans -= entry.spans.size();
  ++stats_.evicted;
  by_age_.pop_front();
  traces_.erase(oldest);
}

std::optional<Trace> Store::find(const TraceId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = traces_.find(id);
  if (found == traces_.end()) return std::nullopt;
  return snapshot(id, found->second.spans);
}

std::vector<TraceId> Store::latest() const {
  const std::lock_guard lock(mutex_);
  return {by_age_.rbegin(), by_age_.rend()};
}

std::vector<std::string> Store::services() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  names.reserve(index_.size());
  for (const auto& [service, operations] : index_) names.push_back(service);
  return names;
}

std::vector<std::pair<std::string, std::string>> Store::operations(const std::string& service) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto found = index_.find(service);
  if (found == index_.end()) return pairs;
  for (const auto& [operation, kinds] : found->second) {
    for (const auto& [kind, count] : kinds) pairs.emplace_back(operation, kind);
  }
  return pairs;
}

std::optional<Store::Clock::time_point> Store::next_quiet(Clock::duration period) const {
  const std::lock_guard lock(mutex_);
  if (changed_.empty()) return std::nullopt;
  return traces_.at(changed_.front()).changed_at + period;
}

std::vector<Trace> Store::take_quiet(Clock::time_point now, Clock::duration period, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Trace> taken;
  while (!changed_.empty() && taken.size() < limit) {
    const TraceId id = changed_.front();
    Entry& entry = traces_.at(id);
    if (entry.changed_at + period > now) break;
    taken.push_back(snapshot(id, entry.spans));
    changed_.pop_front();
    entry.changed = false;
  }
  return taken;
}

StoreStats Store::stats() const {
  const std::lock_guard lock(mutex_);
  StoreStats stats = stats_;
  stats.traces = traces_.size();
  return stats;
}

}  // namespace jtrace::collector
