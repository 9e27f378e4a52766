// The queue: records of one thread in their order, whole or not at all, a bounded pool that refuses the newest, records larger
// than a chunk, threads that come and go, and fairness between them. tests/stress has all of it under load.
#include "queue/span_queue.h"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "queue/numbered_record.h"
#include "record/record_view.h"

namespace {

using namespace jtrace::detail;
using numbered::is_whole, numbered::kHead, numbered::made, numbered::push;

constexpr std::size_t kAll = ~std::size_t{0};

struct Seen {
  std::uint64_t thread, number;
  std::size_t size;
  std::uint32_t sequence;
  bool whole;
};
std::vector<Seen> drain(SpanQueue& queue, ThreadState& state, std::size_t quantum = kAll) {
  std::vector<Seen> seen;
  queue.drain(state, quantum, [&](const char* record, std::size_t size) {
    const RecordHeader header = RecordView(record).header();
    seen.push_back({header.trace_low, header.span_id, size, header.sequence, is_whole(record, size)});
    return true;
  });
  return seen;
}

std::uint64_t count(const std::vector<Seen>& seen) { return seen.size(); }

}  // namespace

TEST_CASE("records come out whole, in the order they were pushed, with numbers that grow by one") {
  SpanQueue queue(1 << 20);
  REQUIRE(queue.is_usable());
  ThreadState& state = *queue.adopt();
  for (std::uint64_t i = 0; i < 2000; ++i) REQUIRE(push(queue, state, 1, i, kHead + 8 * (i % 60)));
  CHECK(queue.size() == 2000);
  const auto seen = drain(queue, state);
  REQUIRE(seen.size() == 2000);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    REQUIRE(seen[i].number == i);
    REQUIRE(seen[i].sequence == i);
    REQUIRE(seen[i].size == kHead + 8 * (i % 60));
    REQUIRE(seen[i].whole);
  }
  CHECK(queue.size() == 0);
  CHECK(drain(queue, state).empty());
}

TEST_CASE("a record is seen as soon as it was pushed, also in a chunk that is not full") {
  SpanQueue queue(1 << 20);
  ThreadState& state = *queue.adopt();
  CHECK(drain(queue, state).empty());
  for (std::uint64_t i = 0; i < 300; ++i) {
    REQUIRE(push(queue, state, 1, i, 128));
    const auto seen = drain(queue, state);
    REQUIRE(seen.size() == 1);
    REQUIRE(seen[0].number == i);
  }
}

TEST_CASE("a full queue refuses the newest record, keeps the others, and takes more once it was read") {
  SpanQueue queue(16 * kChunkBytes);
  ThreadState& state = *queue.adopt();
  for (int lap = 0; lap < 5; ++lap) {
    std::uint64_t pushed = 0;
    while (push(queue, state, 1, pushed, 128)) ++pushed;
    CHECK(pushed >= 15 * (kChunkCapacity / 128));
    CHECK_FALSE(push(queue, state, 1, 9999, 128));
    CHECK(queue.size() == pushed);
    const auto seen = drain(queue, state);
    REQUIRE(seen.size() == pushed);
    bool in_order = true;
    for (std::uint64_t i = 0; i < pushed; ++i) in_order = in_order && seen[i].number == i && seen[i].whole;
    CHECK(in_order);
  }
}

TEST_CASE("one thread may use the whole pool while others are idle, and each is refused when it is used up") {
  SpanQueue queue(64 * kChunkBytes);
  ThreadState &busy = *queue.adopt(), &idle = *queue.adopt();
  REQUIRE(push(queue, idle, 2, 0, 128));
  std::uint64_t pushed = 0;
  while (push(queue, busy, 1, pushed, 128)) ++pushed;
  CHECK(pushed >= 63 * (kChunkCapacity / 128));
  CHECK(push(queue, idle, 2, 1, 128));  // in the chunk it has
  CHECK(count(drain(queue, idle)) == 2);
}

TEST_CASE("a record larger than a chunk arrives joined, byte for byte, between others") {
  for (const std::size_t size : {kChunkCapacity - 8, kChunkCapacity, kChunkCapacity + 8, std::size_t{4096}, std::size_t{7680},
                                 std::size_t{7688}, std::size_t{65536}, std::size_t{200'000}}) {
    CAPTURE(size);
    SpanQueue queue(1 << 20);
    ThreadState& state = *queue.adopt();
    for (std::uint64_t i = 0; i < 4; ++i) {
      REQUIRE(push(queue, state, 1, 3 * i, 128));
      REQUIRE(push(queue, state, 1, 3 * i + 1, size));
      REQUIRE(push(queue, state, 1, 3 * i + 2, 128));
    }
    const auto seen = drain(queue, state);
    REQUIRE(seen.size() == 12);
    for (std::uint64_t i = 0; i < 12; ++i) {
      CHECK(seen[i].number == i);
      CHECK(seen[i].sequence == i);
      CHECK(seen[i].whole);
    }
    CHECK(seen[1].size == size);
    CHECK(queue.chunks().in_use() == 1);  // the one being filled
  }
}

TEST_CASE("the very first record of a thread may be larger than a chunk") {
  SpanQueue queue(1 << 20);
  ThreadState& state = *queue.adopt();
  REQUIRE(push(queue, state, 1, 0, 20'000));
  const auto seen = drain(queue, state);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].whole);
}

TEST_CASE("a large record goes in whole or not at all: without chunks enough none is kept") {
  SpanQueue queue(16 * kChunkBytes);
  ThreadState& state = *queue.adopt();
  REQUIRE(push(queue, state, 1, 0, 128));
  CHECK_FALSE(push(queue, state, 1, 1, 16 * kChunkBytes));
  CHECK(queue.chunks().in_use() == 1);
  CHECK(queue.size() == 1);
  REQUIRE(push(queue, state, 1, 2, 14 * 3840));
  CHECK_FALSE(push(queue, state, 1, 3, 2 * kChunkBytes));
  const auto seen = drain(queue, state);
  REQUIRE(seen.size() == 2);
  CHECK(seen[1].number == 2);
  CHECK(seen[1].sequence == 1);  // what was refused has no number
  CHECK(seen[1].whole);
}

TEST_CASE("a record in several places that fits into a chunk is pushed in one piece") {
  SpanQueue queue(1 << 20);
  ThreadState& state = *queue.adopt();
  for (std::uint64_t i = 0; i < 100; ++i) {
    std::vector<char> record = made(1, i, 1000);
    RecordHeader header;
    std::memcpy(&header, record.data(), sizeof header);
    REQUIRE(queue.push_pieces(state, &header, 1000, [&](char* to, std::size_t wanted) {
      std::memcpy(record.data(), &header, sizeof header);
      std::memcpy(to, record.data(), wanted);
    }));
  }
  const auto seen = drain(queue, state);
  REQUIRE(seen.size() == 100);
  for (std::uint64_t i = 0; i < 100; ++i) {
    CHECK(seen[i].number == i);
    CHECK(seen[i].whole);
  }
}

TEST_CASE("a record that the reader leaves is there the next time, with all behind it") {
  SpanQueue queue(1 << 20);
  ThreadState& state = *queue.adopt();
  const std::size_t sizes[] = {128, 128, 20'000, 128, 9'000, 128};
  for (std::uint64_t i = 0; i < 6; ++i) REQUIRE(push(queue, state, 1, i, sizes[i]));
  for (std::uint64_t wanted = 0; wanted < 6; ++wanted) {
    // Refused three times, taken the fourth.
    for (int tries = 0; tries < 3; ++tries) {
      CHECK_FALSE(queue.drain(state, kAll, [&](const char* record, std::size_t size) {
        CHECK(RecordView(record).header().span_id == wanted);
        CHECK(is_whole(record, size));
        return false;
      }));
      CHECK(queue.size() == 6 - wanted);
    }
    bool taken = false;
    queue.drain(state, kAll, [&](const char*, std::size_t) { return !std::exchange(taken, true); });
  }
  CHECK(queue.size() == 0);
}

TEST_CASE("a drain stops after its quantum, says that more is there, and goes on where it stopped") {
  SpanQueue queue(1 << 20);
  ThreadState& state = *queue.adopt();
  for (std::uint64_t i = 0; i < 100; ++i) REQUIRE(push(queue, state, 1, i, 128));
  std::uint64_t next = 0;
  bool is_read = false;
  int turns = 0;
  while (!is_read) {
    std::size_t bytes = 0;
    is_read = queue.drain(state, 1024, [&](const char* record, std::size_t size) {
      CHECK(RecordView(record).header().span_id == next++);
      bytes += size;
      return true;
    });
    CHECK(bytes <= 1024);
    ++turns;
  }
  CHECK(next == 100);
  CHECK(turns == 13);
  // A record over the quantum is taken all the same, one a turn.
  REQUIRE(push(queue, state, 1, 100, 50'000));
  REQUIRE(push(queue, state, 1, 101, 50'000));
  CHECK(count(drain(queue, state, 1024)) == 1);
  CHECK(count(drain(queue, state, 1024)) == 1);
}

TEST_CASE("chunks that were read go back to the pool") {
  SpanQueue queue(32 * kChunkBytes);
  ThreadState& state = *queue.adopt();
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    REQUIRE(push(queue, state, 1, i, 256));
    if (i % 100 == 99) {
      drain(queue, state);
      REQUIRE(queue.chunks().in_use() <= 2);
    }
  }
}

TEST_CASE("a state goes from a thread that ended to the next one, and what it holds stays queued") {
  SpanQueue queue(1 << 20);
  ThreadState* first = queue.adopt();
  REQUIRE(push(queue, *first, 1, 0, 128));
  queue.retire(first);
  CHECK(queue.size() == 1);
  ThreadState* second = queue.adopt();
  CHECK(second == first);
  CHECK(queue.adopt() != second);
  REQUIRE(push(queue, *second, 2, 1, 128));
  const auto seen = drain(queue, *second);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].thread == 1);
  CHECK(seen[1].thread == 2);
  CHECK(seen[1].sequence == 1);
}

TEST_CASE("ten thousand threads one after the other need one state and one chunk") {
  SpanQueue queue(16 * kChunkBytes);
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    ThreadState* state = queue.adopt();
    REQUIRE(state != nullptr);
    REQUIRE(push(queue, *state, i, i, 128));
    queue.retire(state);
    if (i % 64 == 63) drain(queue, *state);
  }
  CHECK(queue.state_count() == 1);
  drain(queue, queue.state(0));
  CHECK(queue.chunks().in_use() <= 1);
  CHECK(queue.size() == 0);
}

TEST_CASE("states are bounded, and refused beyond") {
  SpanQueue queue(16 * kChunkBytes);
  for (std::uint32_t i = 0; i < SpanQueue::kMostThreads; ++i) REQUIRE(queue.adopt() != nullptr);
  CHECK(queue.adopt() == nullptr);
  CHECK(queue.state_count() == SpanQueue::kMostThreads);
  queue.retire(&queue.state(7));
  CHECK(queue.adopt() == &queue.state(7));
}

// Promised: a state has one holder at a time. A breach shows as a mark that another thread left.
TEST_CASE("threads that come and go at once never share a state") {
  SpanQueue queue(16 * kChunkBytes);
  constexpr unsigned kThreads = 4;
  std::atomic<bool> shared{false};
  std::vector<std::thread> threads;
  for (unsigned number = 1; number <= kThreads; ++number) {
    threads.emplace_back([&, number] {
      for (int i = 0; i < 30'000; ++i) {
        ThreadState* state = queue.adopt();
        if (!state || state->owner) shared = true;
        if (!state) return;
        state->owner = &shared;
        state->chunk_number = number;
        if (state->chunk_number != number) shared = true;
        state->owner = nullptr;
        queue.retire(state);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(shared.load());
  CHECK(queue.state_count() <= kThreads);
}

TEST_CASE("the reader is woken from half of the pool on, and whenever nothing is left, not before") {
  SpanQueue queue(16 * kChunkBytes);
  int wakes = 0;
  queue.on_pressure([](void* count) { ++*static_cast<int*>(count); }, &wakes);
  ThreadState& state = *queue.adopt();
  constexpr std::size_t kWholeChunk = kChunkCapacity & ~std::size_t{7};
  for (std::uint64_t i = 0; i < 7; ++i) REQUIRE(push(queue, state, 1, i, kWholeChunk));
  CHECK(wakes == 0);
  REQUIRE(push(queue, state, 1, 7, kWholeChunk));
  CHECK(wakes == 1);
  for (std::uint64_t i = 8; i < 16; ++i) REQUIRE(push(queue, state, 1, i, kWholeChunk));
  const int before = wakes;
  CHECK_FALSE(push(queue, state, 1, 16, 128));
  CHECK(wakes == before + 1);
  drain(queue, state);
  for (std::uint64_t i = 0; i < 6; ++i) REQUIRE(push(queue, state, 1, i, kWholeChunk));
  CHECK(wakes == before + 1);  // room again
}

TEST_CASE("a forked child finds states and chunks wiped") {
  SpanQueue queue(16 * kChunkBytes);
  ThreadState& state = *queue.adopt();
  for (std::uint64_t i = 0; i < 10; ++i) REQUIRE(push(queue, state, 1, i, 128));
  const pid_t child = fork();
  if (child == 0) {
    const bool wiped = state.chunk == nullptr && state.write == nullptr && state.pushed.get() == 0 &&
                       queue.size() == 0 && queue.chunks().chunk(1)->format == 0 && queue.chunks().chunk(1)->payload[0] == 0;
    _exit(wiped ? 0 : 1);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(count(drain(queue, state)) == 10);
}

// Promised: a thread that never stops does not keep the others from being read.
TEST_CASE("with a quantum each, a quiet thread is read although a loud one always has more") {
  SpanQueue queue(1 << 20);
  ThreadState &loud = *queue.adopt(), &quiet = *queue.adopt();
  for (std::uint64_t i = 0; i < 5000; ++i) REQUIRE(push(queue, loud, 1, i, 128));
  REQUIRE(push(queue, quiet, 2, 0, 128));
  CHECK_FALSE(queue.drain(loud, 4096, [](const char*, std::size_t) { return true; }));
  CHECK(count(drain(queue, quiet, 4096)) == 1);
}
