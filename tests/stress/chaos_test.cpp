// Fault suite: a program that traces, forks and changes its threads, while the collector fails in every way that jtrace-collector
// can, by chances that a seed repeats. Thirty schedules; tools/chaos.sh runs as many as one likes.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "record/seed.h"
#include "support/memory.h"
#include "support/process.h"
#include "weather.h"

namespace {

using namespace std::chrono_literals;
using chaos::Weather;

std::uint64_t schedules_wanted() {
  const char* given = std::getenv("JTRACE_TEST_SCHEDULES");
  return given ? std::strtoull(given, nullptr, 10) : 30;
}

// What one process told: its counters, and the spans that it finished.
struct Books {
  std::map<std::string, std::uint64_t> counters;
  std::set<std::uint64_t> ids;

  std::uint64_t operator[](const std::string& key) const {
    const auto found = counters.find(key);
    return found == counters.end() ? ~std::uint64_t{0} : found->second;
  }
};

Books read_books(const std::string& line) {
  Books books;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    std::istringstream values(word.substr(equals + 1));
    for (std::string value; std::getline(values, value, ',');) {
      if (key == "ids") {
        books.ids.insert(std::stoull(value, nullptr, 16));
      } else {
        books.counters[key] = std::stoull(value);
      }
    }
  }
  return books;
}

// One schedule: the weather, the program, and what is promised of both. It collects what was not kept.
class Schedule {
 public:
  explicit Schedule(std::uint64_t seed) : seed_(seed), random_(seed), is_wild_(random_() % 3 != 0), weather_(random_(), is_wild_) {}

  void run() {
    const auto time = std::chrono::milliseconds(150 + random_() % 250);
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "chaos-program";
    // GCC's sanitizers do not mind forks: see tests/lifecycle/fork_test.cpp.
    support::Process process({program.string(), std::to_string(random_()), weather_.endpoint(), std::to_string(time.count()),
                              is_wild_ ? "wild" : "mild", support::is_sanitized() ? "no-forks" : "forks"},
                             {{"JTRACE_LOG_LEVEL", "off"}, {"ASAN_OPTIONS", "detect_leaks=0"}});
    weather_.rage(time + 100ms);
    const support::Outcome outcome = process.wait();
    weather_.end();
    expect(outcome.succeeded(), "the program and its children end well: " + outcome.err);
    std::istringstream lines(outcome.report);
    for (std::string line; std::getline(lines, line);) all_.push_back(read_books(line));
    expect(!all_.empty(), "the program tells its books");
    for (const Books& books : all_) check_law(books);
    check_arrivals();
  }

  const std::string& problems() const { return problems_; }
  std::string summary() const {
    std::ostringstream words;
    words << (is_wild_ ? "wild" : "mild") << ", " << weather_.restarts() << " restarts, " << all_.size() << " processes, " << sum("finished") << " spans, "
          << sum("acknowledged") << " acknowledged, " << sum("failed") << " failed, " << sum("dropped") << " dropped";
    return words.str();
  }

 private:
  void expect(bool holds, const std::string& what) {
    if (!holds) problems_ += "  not so: " + what + "\n";
  }
  std::uint64_t sum(const std::string& key) const {
    std::uint64_t all = 0;
    for (const Books& books : all_) all += books[key];
    return all;
  }

  // Of one process, after its end.
  void check_law(const Books& books) {
    const std::string whose = books["child"] != 0 ? " (a child)" : "";
    expect(books["balanced"] == 1, "the books close" + whose);
    expect(books["queued"] == 0, "nothing is queued at the end" + whose);
    expect(books["finished"] == books["told"], "each finished span is counted" + whose);
    expect(books.ids.size() == books["told"], "no id is drawn twice" + whose);
    if (books["patient"] != 1) return;
    expect(books["flushed"] == 1, "a flush that may wait sends all once the weather is fine");
    expect(books["failed"] == books["rejected"], "what is tried again for long enough fails only where it is rejected");
  }

  // acknowledged ⊆ arrived ⊆ finished; what arrived and was not acknowledged has lost its answer, and counts as failed.
  void check_arrivals() {
    std::map<std::uint64_t, const Books*> owner;
    for (const Books& books : all_) {
      for (const std::uint64_t id : books.ids) expect(owner.emplace(id, &books).second, "parent and children draw different ids");
    }
    const auto arrivals = weather_.arrivals();
    std::map<const Books*, std::uint64_t> arrived;
    std::uint64_t strangers = 0, twice = 0;
    for (const auto& [id, times] : arrivals) {
      const auto found = owner.find(id);
      found == owner.end() ? ++strangers : ++arrived[found->second];
      twice += times > 1;
    }
    expect(strangers == 0, std::to_string(strangers) + " spans arrived that nobody finished");
    expect(is_wild_ || twice == 0, std::to_string(twice) + " spans arrived twice though no answer was lost");
    expect(weather_.torn() == 0, std::to_string(weather_.torn()) + " spans arrived torn");
    for (const Books& books : all_) check_share(books, arrived[&books]);
    check_kept(arrivals);
  }

  void check_share(const Books& books, std::uint64_t arrived) {
    const std::string share = std::to_string(books["acknowledged"]) + " spans acknowledged, " + std::to_string(arrived) + " arrived, " +
                              std::to_string(books["failed"]) + " failed";
    expect(books["acknowledged"] <= arrived, "what is acknowledged arrived: " + share);
    // Whose answer was lost may be rejected when it comes again, and counts as what was said last.
    const std::uint64_t unanswered = is_wild_ ? books["failed"] : books["aborted"];
    expect(arrived <= books["acknowledged"] + unanswered, "what arrived is acknowledged or lost its answer: " + share);
  }

  void check_kept(const std::map<std::uint64_t, int>& arrivals) {
    std::multiset<std::uint64_t> once;
    for (const auto& [id, times] : arrivals) once.insert(id);
    expect(weather_.kept() == once, "the collector keeps what it accepted, each span once");
  }

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  const bool is_wild_;
  Weather weather_;
  std::vector<Books> all_;  // the order of their end; the parent is the last
  std::string problems_;
};

}  // namespace

// Promised: whatever the collector does, whoever forks and whichever threads come and go, the books of each process close, and the
// acknowledged spans are in the collector. A breach shows as a sentence of the schedule that it broke, and as its seed.
TEST_CASE("through random faults, restarts, forks and threads the books close and the collector has what they say") {
  const std::uint64_t seed = fixture::announced_seed();
  const std::uint64_t wanted = schedules_wanted();
  for (std::uint64_t i = 0; i < wanted; ++i) {
    Schedule schedule(seed + i);
    schedule.run();
    const bool holds = schedule.problems().empty();
    std::printf("%llu/%llu %s seed %llu: %s\n%s", static_cast<unsigned long long>(i + 1), static_cast<unsigned long long>(wanted),
                holds ? "ok" : "FAILED", static_cast<unsigned long long>(seed + i), schedule.summary().c_str(), schedule.problems().c_str());
    std::fflush(stdout);
    CHECK_MESSAGE(holds, "seed " << seed + i << "\n" << schedule.problems());
  }
}
