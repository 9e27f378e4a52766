// Coroutines as programs have them, for tests: a lazy Task, an eager Detached, and executors to hop to.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace tasks {

inline std::atomic<int> made{0};  // Tasks, so far

// Starts when it is awaited, and hands on to the one that awaits it when it is done.
template <class T>
class Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle done) const noexcept { return done.promise().awaiting; }
    void await_resume() const noexcept {}
  };
  struct promise_type {
    Task get_return_object() {
      ++made;
      return Task(Handle::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    template <class V>
    void return_value(V&& value) {
      result.emplace(std::forward<V>(value));
    }
    void unhandled_exception() noexcept { error = std::current_exception(); }

    std::optional<T> result;
    std::exception_ptr error;
    std::coroutine_handle<> awaiting = std::noop_coroutine();
  };

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    Handle handle;
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
      handle.promise().awaiting = awaiting;
      return handle;
    }
    T await_resume() const {
      if (handle.promise().error) std::rethrow_exception(handle.promise().error);
      return std::move(*handle.promise().result);
    }
  };
  Awaiter operator co_await() && noexcept { return {handle_}; }

  // Runs it to its first suspension.
  void start() { handle_.resume(); }
  bool is_done() const { return handle_.done(); }

 private:
  Handle handle_;
};

// Starts at once, and is nobody's.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

// Some threads that run what is posted, as an asio::thread_pool does. Its end waits for all that was posted.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void post(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
  }

  struct Hop {
    Pool& to;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const {
      to.post([self] { self.resume(); });
    }
    void await_resume() const noexcept {}
  };
  Hop hop() { return {*this}; }

 private:
  void run() {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return is_ending_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

// The result of a task, awaited by a thread. Not for a task that fails.
template <class T>
T wait_for(Task<T> task) {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<T> result;
  const auto run = [&](Task<T> of) -> Detached {
    T got = co_await std::move(of);
    const std::lock_guard lock(mutex);
    result.emplace(std::move(got));
    changed.notify_one();
  };
  run(std::move(task));
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return result.has_value(); });
  return std::move(*result);
}

}  // namespace tasks
