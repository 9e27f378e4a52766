// The queue with eight threads that push whatever they like, come and go, and one reader that is just as moody.
#include "queue/span_queue.h"

#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "queue/numbered_record.h"
#include "record/record_view.h"
#include "record/seed.h"

namespace {

using namespace jtrace::detail;
using Random = std::mt19937_64;

constexpr unsigned kProducers = 8;
constexpr unsigned kLives = 25;  // of each producer: it ends and another thread goes on, with any state
constexpr std::uint64_t kMostInALife = 4000;
constexpr std::size_t kAll = ~std::size_t{0};

// Mostly small; one in a hundred is cut into fragments.
std::size_t any_size(Random& random) {
  return random() % 100 == 0 ? 4'000 + random() % 2500 * 8 : numbered::kHead + random() % 40 * 8;
}

// One life of a producer, whose records carry its number.
struct Life {
  std::uint64_t taken = 0, refused = 0;

  void live(SpanQueue& queue, std::uint64_t number, Random& random) {
    ThreadState* state = queue.adopt();
    const std::uint64_t records = 1 + random() % kMostInALife;
    for (std::uint64_t i = 0; i < records; ++i) {
      const bool is_taken = numbered::push(queue, *state, number, i, any_size(random));
      ++(is_taken ? taken : refused);
      if (!is_taken && random() % 8 != 0) std::this_thread::yield();  // else it would be refused nearly always
    }
    queue.retire(state);
  }
};

// What came out of the queue, looked at record by record.
class Reader {
 public:
  explicit Reader(SpanQueue& queue, std::uint64_t seed) : queue_(queue), random_(seed) {}

  // Some of what each thread has. Now and then memory is tended, as the reporter does.
  void read_some() {
    if (random_() % 50 == 0) queue_.chunks().trim();
    if (random_() % 10 == 0) queue_.chunks().populate_ahead();
    for (std::uint32_t at = 0; at < queue_.state_count(); ++at) {
      queue_.drain(queue_.state(at), 64 + random_() % 32768, [&](const char* record, std::size_t size) {
        return random_() % 500 != 0 && look_at(at, record, size);  // or it is left for later
      });
    }
  }
  void read_all() {
    for (std::uint32_t at = 0; at < queue_.state_count(); ++at)
      queue_.drain(queue_.state(at), kAll, [&](const char* record, std::size_t size) { return look_at(at, record, size); });
  }

  std::uint64_t breaches() const { return breaches_; }
  std::uint64_t read(std::size_t life) const { return read_[life]; }

 private:
  bool look_at(std::uint32_t state, const char* record, std::size_t size) {
    const RecordHeader header = RecordView(record).header();
    breaches_ += !numbered::is_whole(record, size) || header.sequence != next_sequence_[state]++;
    if (header.trace_low >= read_.size()) return ++breaches_ != 0;
    breaches_ += header.span_id < next_number_[header.trace_low];
    next_number_[header.trace_low] = header.span_id + 1;
    ++read_[header.trace_low];
    return true;
  }

  SpanQueue& queue_;
  Random random_;
  std::uint64_t breaches_ = 0;
  std::vector<std::uint32_t> next_sequence_ = std::vector<std::uint32_t>(SpanQueue::kMostThreads);  // of each state
  std::vector<std::uint64_t> next_number_ = std::vector<std::uint64_t>(kProducers * kLives);
  std::vector<std::uint64_t> read_ = std::vector<std::uint64_t>(kProducers * kLives);
};

}  // namespace

// Promised: whatever several threads push while one reads, each thread's records come out once, whole and in order, and
// every one was either taken or refused. A breach shows as a gap in a state's sequence, a number that does not grow, foreign
// bytes, or a sum that does not close.
TEST_CASE("eight threads push, come and go while one reads: nothing lost, nothing torn, nothing out of order") {
  const std::uint64_t seed = fixture::announced_seed();
  SpanQueue queue(64 * kChunkBytes);  // small, so that it runs full now and then
  REQUIRE(queue.is_usable());
  std::vector<Life> lives(kProducers * kLives);
  std::atomic<unsigned> working{kProducers};
  std::vector<std::thread> threads;
  for (unsigned producer = 0; producer < kProducers; ++producer) {
    threads.emplace_back([&, producer] {
      Random random(seed + producer);
      for (unsigned i = 0; i < kLives; ++i) {
        const unsigned number = producer * kLives + i;
        lives[number].live(queue, number, random);
      }
      --working;
    });
  }
  Reader reader(queue, seed);
  while (working.load() != 0) reader.read_some();
  for (std::thread& thread : threads) thread.join();
  reader.read_all();

  CHECK(reader.breaches() == 0);
  std::uint64_t taken = 0, refused = 0, read = 0;
  for (std::size_t i = 0; i < lives.size(); ++i) {
    CHECK(reader.read(i) == lives[i].taken);
    taken += lives[i].taken;
    refused += lives[i].refused;
    read += reader.read(i);
  }
  MESSAGE(taken << " taken, " << refused << " refused");
  CHECK(read == taken);
  CHECK(queue.size() == 0);
  CHECK(queue.state_count() <= kProducers);
  CHECK(queue.chunks().in_use() <= queue.state_count());
}
