// Tee: passes every accepted batch on to another collector, beside the answer and never in its way.
//
// `push` copies the bytes into a queue with a limit, and a thread of its own posts them one after the other; what
// finds the queue full, and what the other side does not take, is lost, counted and complained about once, until
// batches are taken again. Nothing is tried twice. Made and stopped by the collector; `push` and `counts` may be called
// from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace jtrace::collector {

struct TeeCounts {
  std::uint64_t passed = 0;   // batches that the other collector answered with 2xx
  std::uint64_t failed = 0;   // that it did not take
  std::uint64_t dropped = 0;  // that found no room, or were left over at the end
};

// `http://HOST:PORT`, also https and with a path; without a path, /api/traces. Nothing for any other text.
std::optional<std::string> parse_tee_url(const std::string& text);

class Tee {
 public:
  struct Limits {
    std::size_t max_pending_bytes = std::size_t{64} << 20;
    std::chrono::milliseconds timeout{10000};  // of one request
  };
  using Complain = std::function<void(const std::string&)>;  // called on the tee's thread

  Tee(std::string url, Complain complain) : Tee(std::move(url), std::move(complain), Limits()) {}
  Tee(std::string url, Complain complain, Limits limits);
  ~Tee();  // stops at once
  Tee(const Tee&) = delete;
  Tee& operator=(const Tee&) = delete;

  void push(const std::string& body);

  // Sends what is pending, but no longer than `grace`; the rest is dropped. Nothing may be pushed from here on.
  void stop(std::chrono::milliseconds grace);

  TeeCounts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jtrace::collector
