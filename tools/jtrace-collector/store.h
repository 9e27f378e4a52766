// Every trace that the collector keeps, in memory, up to a cap in bytes.
//
// The ingest server adds spans from its threads, the query server looks from its own, and the main thread asks
// which traces have been quiet long enough to be printed. When the cap is reached the trace that came first goes,
// whole, until there is room. All methods may be called from any thread; none blocks for long, and what they
// hand out are snapshots that stay valid whatever happens to the store.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model.h"

namespace jtrace::collector {

// What happened so far; the values of /health.
struct StoreStats {
  std::size_t traces = 0;          // kept now
  std::size_t spans = 0;           // kept now
  std::size_t bytes = 0;           // that they take
  std::uint64_t received = 0;      // spans taken in, duplicates not counted
  std::uint64_t duplicates = 0;    // spans that were here already, equal in every field
  std::uint64_t evicted = 0;       // traces that went to make room
};

class Store {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Store(std::size_t max_bytes) : max_bytes_(max_bytes) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Takes spans in. `now` is when they came: it decides how long their traces have been quiet.
  void add(const std::vector<SpanPtr>& spans, Clock::time_point now);

  // The trace with its spans in the order of their start, or nothing.
  std::optional<Trace> find(const TraceId& id) const;

  // All ids, the latest trace first (by the time when its first span came).
  std::vector<TraceId> latest() const;

  // Names of the services that sent something that is still kept, sorted.
  std::vector<std::string> services() const;

  // Pairs of operation name and span kind ("" for none) of a service, sorted.
  std::vector<std::pair<std::string, std::string>> operations(const std::string& service) const;

  // When the next trace will have been quiet for `period`; nothing when all have been taken.
  std::optional<Clock::time_point> next_quiet(Clock::duration period) const;

  // The traces that got spans since they were last taken and none in the last `period`, the longest
  // quiet first, at most `limit` of them. Each is handed out once, until it gets more spans.
  std::vector<Trace> take_quiet(Clock::time_point now, Clock::duration period, std::size_t limit);

  StoreStats stats() const;

 private:
  // One kept trace. `place` is where it stands among the changed, while it does.
  struct Entry {
    std::vector<SpanPtr> spans;
    std::unordered_set<std::uint64_t> fingerprints;
    std::vector<ProcessPtr> processes;
    std::size_t bytes = 0;
    std::list<TraceId>::iterator age;
    Clock::time_point changed_at;
    bool changed = false;
    std::list<TraceId>::iterator place;
  };
  // service → operation → kinds, each with the number of spans that show it.
  using Kinds = std::map<std::string, std::size_t>;
  using Operations = std::map<std::string, Kinds>;

  void add_one(const SpanPtr& span, Clock::time_point now);
  Entry& entry_for(const TraceId& id);
  void note_change(const TraceId& id, Entry& entry, Clock::time_point now);
  void note_process(Entry& entry, const ProcessPtr& process);
  void count_operation(const Span& span);
  void discount_operation(const Span& span);
  void evict_oldest();

  const std::size_t max_bytes_;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<TraceId, Entry, TraceIdHash> traces_;
  std::list<TraceId> by_age_;   // the oldest first
  std::list<TraceId> changed_;  // not yet taken since their last span, the longest quiet first
  std::map<std::string, Operations> index_;
  StoreStats stats_;
};

}  // namespace jtrace::collector
