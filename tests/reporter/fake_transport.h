// FakeTransport: the reporter's far side without a network. It keeps each body, and answers when and as the test says.
//
// Waiting is real (poll on the reporter's wake descriptor and on one of its own), so the worker sleeps and wakes as it does
// over HTTP; each wait, and what the wake descriptor held, is counted.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/transport.h"

namespace fixture {

// The test's view; outlives the transport, which the reporter owns.
class FarSide {
 public:
  using Answer = jtrace::detail::Answer;
  using Outcome = jtrace::detail::Outcome;
  static constexpr auto kPatience = std::chrono::seconds(30);

  FarSide() : changed_descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~FarSide() { ::close(changed_descriptor_); }
  FarSide(const FarSide&) = delete;
  FarSide& operator=(const FarSide&) = delete;

  // From now on each batch is answered like this at once; none: only by answer().
  void answers_at_once(Answer answer) {
    const std::lock_guard lock(mutex_);
    automatic_ = answer;
    notify();
  }
  // The batch under way, or the next one to come; further answers are for those after it.
  void answer(std::initializer_list<Answer> answers) {
    const std::lock_guard lock(mutex_);
    answers_.insert(answers_.end(), answers);
    notify();
  }
  bool wait_for_bodies(std::size_t count) {
    return wait([&] { return bodies_.size() >= count; });
  }
  // Until the worker has gone to sleep that often since it was started.
  bool wait_for_waits(std::size_t count) {
    return wait([&] { return waits_ >= count; });
  }
  std::vector<std::string> bodies() {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }
  int aborts() {
    const std::lock_guard lock(mutex_);
    return aborts_;
  }
  // How often the worker has gone to sleep, and how often the wake descriptor was written in all.
  std::size_t waits() {
    const std::lock_guard lock(mutex_);
    return waits_;
  }
  std::uint64_t most_writes_in_a_cycle() {
    const std::lock_guard lock(mutex_);
    return most_writes_;
  }
  // Run once by the worker itself, at its next wait.
  void on_worker(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    work_ = std::move(work);
    notify();
  }
  // Run by the worker at each submit; set before it starts to work.
  void on_submit(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    at_submit_ = std::move(work);
  }
  bool wait_for_work() {
    return wait([&] { return !work_ && !is_working_; });
  }

 private:
  friend class FakeTransport;

  template <class F>
  bool wait(F&& is_so) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, is_so);
  }
  void notify() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(changed_descriptor_, &one, sizeof one);
    changed_.notify_all();
  }

  const int changed_descriptor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by it.
  Answer automatic_;
  std::deque<Answer> answers_;
  std::vector<std::string> bodies_;
  std::function<void()> work_, at_submit_;
  bool is_working_ = false;
  bool is_active_ = false;
  int aborts_ = 0;
  std::size_t waits_ = 0;
  std::uint64_t most_writes_ = 0;
};

class FakeTransport final : public jtrace::detail::Transport {
 public:
  using Outcome = jtrace::detail::Outcome;
  explicit FakeTransport(FarSide& far) : far_(far) {}

  void submit(std::string_view body) noexcept override {
    std::function<void()> work;
    {
      const std::lock_guard lock(far_.mutex_);
      far_.bodies_.emplace_back(body);
      far_.is_active_ = true;
      far_.changed_.notify_all();
      work = far_.at_submit_;
    }
    if (work) work();
  }
  jtrace::detail::Answer poll() noexcept override {
    const std::lock_guard lock(far_.mutex_);
    if (!far_.is_active_) return {};
    jtrace::detail::Answer answer = far_.automatic_;
    if (!far_.answers_.empty()) {
      answer = far_.answers_.front();
      far_.answers_.pop_front();
    }
    if (answer.outcome != Outcome::none) far_.is_active_ = false;
    return answer;
  }
  void wait(int wake_descriptor, std::int64_t nanoseconds) noexcept override {
    run_work();
    {
      const std::lock_guard lock(far_.mutex_);
      ++far_.waits_;
      far_.changed_.notify_all();
      const bool is_ready = far_.is_active_ && (far_.automatic_.outcome != Outcome::none || !far_.answers_.empty());
      if (is_ready) nanoseconds = 0;
    }
    pollfd descriptors[] = {{wake_descriptor, POLLIN, 0}, {far_.changed_descriptor_, POLLIN, 0}};
    const auto milliseconds = std::min<std::int64_t>((nanoseconds + 999'999) / 1'000'000, 3'600'000);
    ::poll(descriptors, 2, static_cast<int>(milliseconds));
    std::uint64_t count = 0;
    [[maybe_unused]] auto taken = ::read(far_.changed_descriptor_, &count, sizeof count);
    if ((descriptors[0].revents & POLLIN) == 0) return;
    // An eventfd adds up what was written; it is put back as it was, for the reporter to read.
    if (::read(wake_descriptor, &count, sizeof count) == sizeof count) {
      const std::lock_guard lock(far_.mutex_);
      far_.most_writes_ = std::max(far_.most_writes_, count);
      taken = ::write(wake_descriptor, &count, sizeof count);
    }
  }
  void abort() noexcept override {
    const std::lock_guard lock(far_.mutex_);
    if (far_.is_active_) ++far_.aborts_;
    far_.is_active_ = false;
  }
  void abandon() noexcept override {}
  const std::string& trouble() const noexcept override { return trouble_; }

 private:
  void run_work() noexcept {
    std::function<void()> work;
    {
      const std::lock_guard lock(far_.mutex_);
      std::swap(work, far_.work_);
      far_.is_working_ = static_cast<bool>(work);
    }
    if (!work) return;
    work();
    const std::lock_guard lock(far_.mutex_);
    far_.is_working_ = false;
    far_.changed_.notify_all();
  }

  FarSide& far_;
  const std::string trouble_ = "made up";
};

}  // namespace fixture
