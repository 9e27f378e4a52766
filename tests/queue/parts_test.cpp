// What the queue is made of: memory that a forked child sees as zeros, the ring of free chunks, the pool of chunks, and
// the pool of nodes.
#include <doctest/doctest.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "queue/chunk_pool.h"
#include "queue/index_ring.h"
#include "queue/node_pool.h"
#include "queue/region.h"
#include "record/seed.h"
#include "support/memory.h"

namespace {

using namespace jtrace::detail;

struct Node {
  std::uint32_t free_next;
  std::uint32_t chain_size;
  std::atomic<std::uint32_t> chain_next;
  std::atomic<std::uint32_t> holder;
};
constexpr std::size_t kChain = NodePool<Node>::kChainSize;

std::size_t resident_bytes(const char* data, std::size_t bytes) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((bytes + page - 1) / page);
  REQUIRE(mincore(const_cast<char*>(data), bytes, resident.data()) == 0);
  return page * static_cast<std::size_t>(std::count_if(resident.begin(), resident.end(), [](unsigned char at) { return at & 1; }));
}

std::string flags_of_mapping(const char* data) {
  const auto sought = reinterpret_cast<std::uintptr_t>(data);
  std::ifstream smaps("/proc/self/smaps");
  bool is_within = false;
  for (std::string line; std::getline(smaps, line);) {
    std::uintptr_t from = 0, to = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2) is_within = from <= sought && sought < to;
    if (is_within && line.starts_with("VmFlags:")) return line;
  }
  return {};
}

// What the pool still gives, one after the other.
std::set<std::uint32_t> take_all(ChunkPool& pool) {
  std::set<std::uint32_t> taken;
  while (const std::uint32_t index = pool.take()) {
    REQUIRE(index <= pool.capacity());
    REQUIRE(taken.insert(index).second);  // handed out twice
    REQUIRE(taken.size() <= pool.capacity());
  }
  return taken;
}

// Runs f(number) on so many threads and waits for them.
template <class F>
void on_threads(unsigned count, F&& f) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back([&f, i] { f(i); });
  for (std::thread& thread : threads) thread.join();
}

// Between a test and the signal that stops one of its threads.
struct Stop {
  static inline std::atomic<bool> stopped{false}, go_on{false};

  static void wait_in_handler(int) {
    go_on = false;
    stopped = true;
    while (!go_on.load()) sched_yield();
    stopped = false;
  }
};

}  // namespace

TEST_CASE("a region is zeroed, whole pages, and gives pages back on request") {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const Region region(2 * page + 1);
  REQUIRE(region);
  CHECK(region.size() == 3 * page);
  CHECK(std::all_of(region.data(), region.data() + region.size(), [](char c) { return c == 0; }));
  std::memset(region.data(), 'x', region.size());
  region.discard(page, page);
  CHECK(region.data()[page - 1] == 'x');
  CHECK(region.data()[page] == 0);
  CHECK(region.data()[2 * page - 1] == 0);
  CHECK(region.data()[2 * page] == 'x');
}

TEST_CASE("a region gives back no page that holds more than what is given back") {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const Region region(4 * page);
  std::memset(region.data(), 'x', region.size());
  region.discard(0, page / 4);
  region.discard(page / 2, page);
  CHECK(std::all_of(region.data(), region.data() + region.size(), [](char c) { return c == 'x'; }));
  region.discard(page / 2, 2 * page);
  CHECK(std::count(region.data(), region.data() + region.size(), 0) == static_cast<long>(page));
}

TEST_CASE("a region takes no memory before it is used, and can be brought in ahead") {
  const Region region(64 * 4096);
  CHECK(resident_bytes(region.data(), region.size()) == 0);
  region.populate(0, 16 * 4096);
  CHECK(resident_bytes(region.data(), region.size()) >= 16 * 4096);
}

// Linux tells each mapping's flags: "nh" is "no huge pages".
TEST_CASE("a region takes no huge pages, where the system prefers them") {
  if (!std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled")) {
    MESSAGE("skipped: this kernel knows no huge pages");
    return;
  }
  const Region region(16 << 20);
  REQUIRE(region);
  CHECK(flags_of_mapping(region.data()).find(" nh") != std::string::npos);
}

TEST_CASE("a region that cannot be had says so") {
  const Region region(std::size_t{1} << 60);
  CHECK_FALSE(region);
  CHECK(region.data() == nullptr);
  CHECK_FALSE(Region());
}

TEST_CASE("a forked child sees zeros, and the parent keeps what it wrote") {
  const Region region(3 * 4096);
  std::memset(region.data(), 'x', region.size());
  const pid_t child = fork();
  if (child == 0) {
    bool zero = true;
    for (std::size_t i = 0; i < region.size(); ++i) zero = zero && region.data()[i] == 0;
    std::memset(region.data(), 'c', region.size());  // the child's own from here on
    _exit(zero ? 0 : 1);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(std::all_of(region.data(), region.data() + region.size(), [](char c) { return c == 'x'; }));
}

TEST_CASE("a ring gives back what it was given, first in, first out, and refuses what it has no room for") {
  IndexRing ring(5);  // rounded up to 8
  std::uint32_t value = 0;
  CHECK_FALSE(ring.try_take(value));
  for (std::uint32_t lap = 0; lap < 1000; ++lap) {
    for (std::uint32_t i = 0; i < 8; ++i) REQUIRE(ring.try_give(lap * 8 + i));
    REQUIRE_FALSE(ring.try_give(99));
    REQUIRE(ring.size() == 8);
    for (std::uint32_t i = 0; i < 8; ++i) {
      REQUIRE(ring.try_take(value));
      REQUIRE(value == lap * 8 + i);
    }
    REQUIRE_FALSE(ring.try_take(value));
    REQUIRE(ring.size() == 0);
  }
}

// Promised: what is given once is taken once. A breach shows as a wrong sum or count.
TEST_CASE("a ring under many givers and takers loses nothing and invents nothing") {
  constexpr std::uint32_t kEach = 40'000;
  constexpr unsigned kGivers = 3, kTakers = 3;
  IndexRing ring(64);
  std::atomic<std::uint64_t> count{0}, sum{0};
  on_threads(kGivers + kTakers, [&](unsigned number) {
    if (number < kGivers) {
      for (std::uint32_t i = 1; i <= kEach; ++i) {
        while (!ring.try_give(i)) std::this_thread::yield();
      }
      return;
    }
    std::uint32_t value = 0;
    while (count.load() < std::uint64_t{kEach} * kGivers) {
      if (ring.try_take(value)) {
        sum += value;
        ++count;
      } else {
        std::this_thread::yield();
      }
    }
  });
  CHECK(count.load() == std::uint64_t{kEach} * kGivers);
  CHECK(sum.load() == std::uint64_t{kEach} * (kEach + 1) / 2 * kGivers);
}

TEST_CASE("a pool hands out each of its chunks once, then none, and again what it was given") {
  ChunkPool pool(100 * kChunkBytes);
  REQUIRE(pool.is_usable());
  CHECK(pool.capacity() == 100);
  CHECK(pool.in_use() == 0);
  const auto taken = take_all(pool);
  CHECK(taken.size() == 100);
  CHECK(pool.in_use() == 100);
  for (const std::uint32_t index : taken) pool.give(index);
  CHECK(pool.in_use() == 0);
  CHECK(take_all(pool) == taken);
  CHECK(pool.wake_threshold() == 50);
  CHECK(ChunkPool(64 << 20).wake_threshold() == 1024);  // half of the warm window
  CHECK(ChunkPool(1).capacity() == 16);                 // never fewer
}

TEST_CASE("a reporter that is stuck is woken for fresh chunks only, and not at all when there are none") {
  ChunkPool pool(4 << 20);
  std::vector<std::uint32_t> taken;
  const auto take = [&](std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) taken.push_back(pool.take());
  };
  take(pool.wake_threshold() - 1);
  CHECK_FALSE(pool.needs_reporter(taken.back()));
  take(1);
  CHECK(pool.needs_reporter(taken.back()));

  pool.set_stuck(true);
  CHECK(pool.needs_reporter(taken.back()));  // nothing is touched ahead yet
  pool.populate_ahead();
  CHECK_FALSE(pool.needs_reporter(taken.back()));
  take(200);
  CHECK(pool.needs_reporter(taken.back()));
  take(pool.capacity() - static_cast<std::uint32_t>(taken.size()));
  CHECK(pool.take() == 0);
  CHECK_FALSE(pool.needs_reporter(0));

  pool.set_stuck(false);
  CHECK(pool.needs_reporter(0));
}

TEST_CASE("chunks lie side by side and do not overlap") {
  const ChunkPool pool(20 * kChunkBytes);
  for (std::uint32_t i = 1; i < pool.capacity(); ++i) {
    CHECK(reinterpret_cast<const char*>(pool.chunk(i + 1)) - reinterpret_cast<const char*>(pool.chunk(i)) ==
          static_cast<std::ptrdiff_t>(kChunkBytes));
  }
}

TEST_CASE("chunks brought in ahead are free ones, and no chunk is lost by it") {
  ChunkPool pool(200 * kChunkBytes);
  pool.populate_ahead();
  CHECK(pool.in_use() == 0);
  CHECK(resident_bytes(reinterpret_cast<char*>(pool.chunk(1)), pool.capacity() * kChunkBytes) >= 64 * kChunkBytes);
  CHECK(take_all(pool).size() == 200);
  pool.populate_ahead();  // with nothing left to bring in
  CHECK(pool.take() == 0);
}

TEST_CASE("trimming gives the pages of free chunks back, but for a few, and the chunks stay usable") {
  ChunkPool pool(1000 * kChunkBytes);
  const auto* memory = reinterpret_cast<const char*>(pool.chunk(1));
  const auto taken = take_all(pool);
  for (const std::uint32_t index : taken) std::memset(pool.chunk(index)->payload, 'x', sizeof(Chunk::payload));
  CHECK(resident_bytes(memory, 1000 * kChunkBytes) >= 1000 * kChunkBytes);
  for (const std::uint32_t index : taken) pool.give(index);
  pool.trim();
  // A larger page is never given back, as it has several chunks.
  if (sysconf(_SC_PAGESIZE) == long{kChunkBytes}) CHECK(resident_bytes(memory, 1000 * kChunkBytes) == 64 * kChunkBytes);
  CHECK(pool.in_use() == 0);
  pool.trim();  // a second time changes nothing
  CHECK(take_all(pool) == taken);
}

// Promised: each chunk is with one holder or free, and after all were given back, all can be taken again. A breach shows
// as a chunk with two holders or as a smaller pool.
TEST_CASE("a small pool under many takers keeps all of its chunks") {
  constexpr unsigned kTakers = 4;
  ChunkPool pool(16 * kChunkBytes);
  IndexRing read(64);  // from the takers to the one who gives back, as the reporter does
  std::atomic<bool> shared_holder{false};
  std::atomic<unsigned> working{kTakers};
  std::vector<std::atomic<bool>> held(pool.capacity() + 1);
  on_threads(kTakers + 1, [&](unsigned number) {
    if (number == kTakers) {
      for (bool last = false; !last;) {
        last = working.load() == 0;
        std::uint32_t index = 0;
        while (read.try_take(index)) {
          held[index].store(false);
          pool.give(index);
        }
        std::this_thread::yield();
      }
      return;
    }
    for (int round = 0; round < 20'000; ++round) {
      if (const std::uint32_t taken = pool.take()) {
        if (held[taken].exchange(true)) shared_holder = true;
        while (!read.try_give(taken)) std::this_thread::yield();
      } else {
        std::this_thread::yield();
      }
    }
    --working;
  });
  CHECK_FALSE(shared_holder.load());
  CHECK(pool.in_use() == 0);
  CHECK(take_all(pool).size() == 16);
}

// A thread may lose its core in the middle of a step, for as long as the system likes, while others go on around the whole
// ring. Here a signal does that to it. Promised: no chunk is lost by it. A breach shows as a smaller pool.
TEST_CASE("a thread that is stopped in the middle of taking a chunk costs no chunk") {
  if (support::is_thread_sanitized()) return;  // TSan lets no signal in between
  ChunkPool pool(16 * kChunkBytes);
  struct sigaction action{}, before{};
  action.sa_handler = Stop::wait_in_handler;
  sigaction(SIGUSR1, &action, &before);
  std::atomic<bool> done{false};
  std::thread taker([&] {
    while (!done.load(std::memory_order_relaxed)) {
      if (const std::uint32_t index = pool.take()) pool.give(index);
    }
  });
  for (int stop = 0; stop < 2000; ++stop) {
    Stop::stopped = false;
    pthread_kill(taker.native_handle(), SIGUSR1);
    while (!Stop::stopped.load()) std::this_thread::yield();
    for (int lap = 0; lap < 100; ++lap) {
      if (const std::uint32_t index = pool.take()) pool.give(index);
    }
    Stop::go_on = true;
    while (Stop::stopped.load()) std::this_thread::yield();
  }
  done = true;
  taker.join();
  sigaction(SIGUSR1, &before, nullptr);
  CHECK(pool.in_use() == 0);
  CHECK(take_all(pool).size() == 16);
}

TEST_CASE("a magazine gives the node that came last, and the pool each node once") {
  NodePool<Node> pool(100 * sizeof(Node));
  const std::uint32_t capacity = pool.capacity();  // whole pages
  LocalNodes local;
  std::set<Node*> taken;
  while (Node* node = pool.take(local)) REQUIRE(taken.insert(node).second);
  CHECK(taken.size() == capacity);
  CHECK(pool.take(local) == nullptr);

  Node* one = *taken.begin();
  pool.give(local, one);
  CHECK(pool.take(local) == one);
  for (Node* node : taken) pool.give(local, node);
  std::set<Node*> again;
  while (Node* node = pool.take(local)) REQUIRE(again.insert(node).second);
  CHECK((again == taken));
  for (Node* node : taken) CHECK(pool.node(pool.index(node)) == node);
}

TEST_CASE("surplus nodes travel from one thread's magazine to another's") {
  NodePool<Node> pool(1000 * sizeof(Node));
  LocalNodes giver, taker;
  std::vector<Node*> nodes;
  while (Node* node = pool.take(taker)) nodes.push_back(node);
  for (Node* node : nodes) pool.give(giver, node);
  std::size_t came_back = 0;
  while (pool.take(taker)) ++came_back;
  CHECK(came_back + 2 * kChain + 1 >= nodes.size());  // what a magazine may keep
  pool.give_back(giver);
  while (pool.take(taker)) ++came_back;
  CHECK(came_back == nodes.size());
}

TEST_CASE("a magazine that is given back keeps nothing, whatever it held") {
  for (std::size_t held = 0; held < 3 * kChain; ++held) {
    NodePool<Node> pool(4096);
    LocalNodes local;
    std::vector<Node*> nodes;
    for (std::size_t i = 0; i < held; ++i) nodes.push_back(pool.take(local));
    for (Node* node : nodes) pool.give(local, node);
    pool.give_back(local);
    LocalNodes other;
    std::size_t count = 0;
    while (pool.take(other)) ++count;
    REQUIRE(count == pool.capacity());
  }
}

TEST_CASE("a node may be given without a magazine") {
  NodePool<Node> pool(4096);
  LocalNodes local;
  std::vector<Node*> nodes;
  while (Node* node = pool.take(local)) nodes.push_back(node);
  for (Node* node : nodes) pool.give_shared(node);
  std::size_t count = 0;
  while (pool.take(local)) ++count;
  CHECK(count == nodes.size());
}

// Promised: a node has one holder. A breach (a stale head popped twice) shows as a second holder, or as nodes missing.
TEST_CASE("nodes that travel between many threads have one holder each, and none is lost") {
  constexpr unsigned kThreads = 4;
  NodePool<Node> pool(2048 * sizeof(Node));
  std::atomic<bool> shared_holder{false};
  const std::uint64_t seed = fixture::announced_seed();
  on_threads(kThreads, [&](unsigned number) {
    std::mt19937 random(static_cast<unsigned>(seed + number));
    LocalNodes local;
    std::vector<Node*> held;
    for (int round = 0; round < 60'000; ++round) {
      // In waves, so that whole chains cross over.
      const bool takes = held.empty() || (held.size() < 300 && (round / 200 + static_cast<int>(number)) % 2 == 0);
      if (takes) {
        Node* node = pool.take(local);
        if (!node) continue;
        if (node->holder.exchange(number + 1) != 0) shared_holder = true;
        held.push_back(node);
      } else {
        std::swap(held[random() % held.size()], held.back());
        held.back()->holder = 0;
        round % 7 == 0 ? pool.give_shared(held.back()) : pool.give(local, held.back());
        held.pop_back();
      }
    }
    for (Node* node : held) {
      node->holder = 0;
      pool.give(local, node);
    }
    pool.give_back(local);
  });
  CHECK_FALSE(shared_holder.load());
  LocalNodes local;
  std::size_t count = 0;
  while (pool.take(local)) ++count;
  CHECK(count == pool.capacity());
}
