#include "auto/decisions.h"

#include <pthread.h>

#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "auto/busy.h"
#include "auto/filter.h"
#include "auto/names.h"
#include "auto/settings.h"
#include "auto/voice.h"

namespace jtrace::automatic {

constinit std::atomic<const Table*> decisions{nullptr};
constinit const Table off_table{0, nullptr, 0};
constinit Limits limits;
constinit thread_local bool is_busy = false;

namespace {

constexpr std::size_t kFirstSize = 1024;

// What decides; made at the first question and never destroyed, since functions are called until the very end.
struct Judge {
  explicit Judge(const Settings& settings) : filter(settings.patterns) {}
  Filter filter;
  Names names;
  std::deque<Name> kept;       // of functions that are traced, or were
  std::vector<Table*> tables;  // the last one is in use; somebody may still be reading the others
};

constinit std::mutex mutex;
constinit Judge* judge = nullptr;  // guarded by it

void put(Table& table, const void* function, const Name* name) noexcept {
  std::size_t i = first_place(table, function);
  while (table.places[i].function.load(std::memory_order_relaxed)) i = (i + 1) & table.mask;
  table.places[i].name.store(name, std::memory_order_relaxed);
  table.places[i].function.store(function, std::memory_order_release);  // see find()
  ++table.used;
}

Table& add_table(std::size_t size) {
  judge->tables.reserve(judge->tables.size() + 1);
  auto places = std::make_unique<Place[]>(size);
  judge->tables.push_back(new Table{size - 1, places.get(), 0});
  places.release();
  return *judge->tables.back();
}

void publish(const Table& table) noexcept {
  decisions.store(&table, std::memory_order_release);  // see find()
}

void grow() {
  const Table& old = *judge->tables.back();
  Table& table = add_table((old.mask + 1) * 2);
  for (std::size_t i = 0; i <= old.mask; ++i) {
    const void* function = old.places[i].function.load(std::memory_order_relaxed);
    if (function) put(table, function, old.places[i].name.load(std::memory_order_relaxed));
  }
  publish(table);
}

void begin() {
  const std::optional<Settings> settings = read_settings();
  if (!settings) return decisions.store(&off_table, std::memory_order_release);
  limits = {settings->minimum, settings->depth};
  judge = new Judge(*settings);
  publish(add_table(kFirstSize));
  // A forked child has no other thread that could give the lock back.
  pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, [] { mutex.unlock(); });
}

const Place* find_place(const Table& table, const void* function) noexcept {
  for (std::size_t i = first_place(table, function);; i = (i + 1) & table.mask) {
    const void* known = table.places[i].function.load(std::memory_order_relaxed);
    if (known == function) return &table.places[i];
    if (!known) return nullptr;
  }
}

const Name* decide_first(const void* function) {
  const std::string text = judge->names.of(function);
  const bool is_traced = judge->filter.keeps(text);
  if (!text.empty()) say(LogLevel::debug, text + (is_traced ? " is traced" : " is not traced"));
  const Name* const name = is_traced ? &judge->kept.emplace_back(Name{text}) : nullptr;
  if (judge->tables.back()->used * 2 > judge->tables.back()->mask) grow();
  put(*judge->tables.back(), function, name);
  return name;
}

const Name* decide_locked(const void* function) {
  const std::lock_guard lock(mutex);
  if (!decisions.load(std::memory_order_relaxed)) begin();
  if (!judge) return nullptr;
  const Place* const known = find_place(*judge->tables.back(), function);
  return known ? known->name.load(std::memory_order_relaxed) : decide_first(function);
}

}  // namespace

const Name* decide(const void* function) noexcept {
  if (is_busy) return nullptr;  // an instrumented allocator, for one
  const Busy busy;
  try {
    return decide_locked(function);
  } catch (...) {  // no memory: next time
    return nullptr;
  }
}

void forget_decisions() noexcept {
  if (is_busy) return;
  const Busy busy;
  try {
    const std::lock_guard lock(mutex);
    if (!judge) return;
    judge->names.forget();
    publish(add_table(judge->tables.back()->mask + 1));
  } catch (...) {  // no memory: the old names stay
  }
}

}  // namespace jtrace::automatic
