// NodePool: fixed-size nodes without owners. A thread takes from its own magazine, and gives to it, whoever took the
// node; surplus travels between threads in chains through one shared stack.
//
//   LocalNodes (a thread's)                       NodePool (shared)
//   warm:    the node given last ─▶ taken first
//   current: up to 32 nodes ──▶ take, give        full chains:  head ─▶ chain ─▶ chain
//   spare:   one full chain ──▶ put / get ══════▶ never used:   next_fresh_ … capacity_
//   fresh:   a run of nodes never used
//
// Each node is in one place: handed out, in a magazine, or in a chain on the stack. Nodes lie in one Region and are
// named by index, 1 to capacity; 0 is nobody. The stack's head carries a tag that grows with each change, so that a
// head taken and put back meanwhile is noticed.
//
// A Node has free_next, chain_next (atomic) and chain_size: links that the pool uses while the node is free.
// Thread safety: NodePool any thread, LocalNodes its thread. Nothing waits; an exhausted pool gives null.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "queue/region.h"

namespace jtrace::inline v1::detail {

struct NodeChain {
  std::uint32_t head = 0;
  std::uint32_t size = 0;
};

struct LocalNodes {
  void* warm = nullptr;
  NodeChain current, spare;
  std::uint32_t fresh_next = 0, fresh_end = 0;
};

template <class Node>
class NodePool {
 public:
  static constexpr std::uint32_t kChainSize = 32;

  explicit NodePool(std::size_t bytes) noexcept
      : memory_(bytes), capacity_(static_cast<std::uint32_t>(memory_.size() / sizeof(Node))) {}

  bool is_usable() const noexcept { return capacity_ != 0; }

  // The node that was given last, if it was not taken since: the whole of the usual take and give.
  static Node* take_warm(LocalNodes& local) noexcept {
    return static_cast<Node*>(std::exchange(local.warm, nullptr));
  }
  static bool give_warm(LocalNodes& local, Node* given) noexcept {
    if (local.warm) return false;
    local.warm = given;
    return true;
  }

  Node* take(LocalNodes& local) noexcept {
    if (Node* warm = take_warm(local)) return warm;
    if (local.current.head == 0) [[unlikely]] {
      if (local.fresh_next != local.fresh_end) return node(local.fresh_next++);
      return take_slow(local);
    }
    Node* taken = node(local.current.head);
    local.current.head = taken->free_next;
    --local.current.size;
    return taken;
  }

  void give(LocalNodes& local, Node* given) noexcept {
    if (give_warm(local, given)) return;
    if (local.current.size == kChainSize) [[unlikely]] {
      if (local.spare.size != 0) push(local.spare);
      local.spare = std::exchange(local.current, {});
    }
    given->free_next = local.current.head;
    local.current.head = index(given);
    ++local.current.size;
  }

  // For those without a magazine: a re-entrant caller, a thread that is ending.
  void give_shared(Node* given) noexcept {
    given->free_next = 0;
    push({index(given), 1});
  }

  // Everything of a magazine goes back to the shared stack.
  void give_back(LocalNodes& local) noexcept {
    while (local.fresh_next != local.fresh_end) give(local, node(local.fresh_next++));
    if (Node* warm = take_warm(local)) give_shared(warm);
    if (local.current.size != 0) push(local.current);
    if (local.spare.size != 0) push(local.spare);
    local = {};
  }

  Node* node(std::uint32_t index) const noexcept { return reinterpret_cast<Node*>(memory_.data()) + (index - 1); }
  std::uint32_t index(const Node* node) const noexcept {
    return static_cast<std::uint32_t>(node - reinterpret_cast<const Node*>(memory_.data())) + 1;
  }
  std::uint32_t capacity() const noexcept { return capacity_; }

 private:
  [[gnu::noinline]] Node* take_slow(LocalNodes& local) noexcept {
    local.current = local.spare.size != 0 ? std::exchange(local.spare, {}) : pop();
    if (local.current.size != 0) return take(local);
    take_fresh(local);
    return local.fresh_next != local.fresh_end ? node(local.fresh_next++) : nullptr;
  }

  void take_fresh(LocalNodes& local) noexcept {
    std::uint32_t first = next_fresh_.load(std::memory_order_relaxed);
    std::uint32_t count = 0;
    do {
      if (first >= capacity_) return;
      count = capacity_ - first < kChainSize ? capacity_ - first : kChainSize;
    } while (!next_fresh_.compare_exchange_weak(first, first + count, std::memory_order_relaxed));
    local.fresh_next = first + 1;
    local.fresh_end = first + 1 + count;
  }

  void push(NodeChain chain) noexcept {
    Node* head = node(chain.head);
    head->chain_size = chain.size;
    std::uint64_t top = top_.load(std::memory_order_relaxed);
    do {
      head->chain_next.store(static_cast<std::uint32_t>(top), std::memory_order_relaxed);
      // release: pairs with the acquire in pop, so that the chain's links are whole.
    } while (!top_.compare_exchange_weak(top, tagged(top, chain.head), std::memory_order_release,
                                         std::memory_order_relaxed));
  }

  NodeChain pop() noexcept {
    std::uint64_t top = top_.load(std::memory_order_acquire);
    for (;;) {
      const auto head = static_cast<std::uint32_t>(top);
      if (head == 0) return {};
      // May be a node that another thread has just popped: then the tag has changed and the exchange fails.
      const std::uint32_t below = node(head)->chain_next.load(std::memory_order_relaxed);
      if (top_.compare_exchange_weak(top, tagged(top, below), std::memory_order_acquire, std::memory_order_acquire))
        return {head, node(head)->chain_size};
    }
  }

  static std::uint64_t tagged(std::uint64_t top, std::uint32_t index) noexcept {
    return ((top >> 32) + 1) << 32 | index;
  }

  const Region memory_;
  const std::uint32_t capacity_;
  alignas(128) std::atomic<std::uint64_t> top_{0};
  std::atomic<std::uint32_t> next_fresh_{0};
};

}  // namespace jtrace::inline v1::detail
