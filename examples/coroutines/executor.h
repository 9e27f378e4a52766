// Executor and Task: the least that a program with coroutines has. asio, cppcoro and libcoro have better ones.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

// Starts when it is awaited, and goes on with the one that awaits it when it is done.
template <class T>
class Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  struct GoOn {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle done) const noexcept { return done.promise().awaiting; }
    void await_resume() const noexcept {}
  };
  struct promise_type {
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    GoOn final_suspend() const noexcept { return {}; }
    void return_value(T value) { result.emplace(std::move(value)); }
    void unhandled_exception() noexcept { error = std::current_exception(); }

    std::coroutine_handle<> awaiting = std::noop_coroutine();
    std::optional<T> result;
    std::exception_ptr error;
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  T await_resume() {
    if (handle_.promise().error) std::rethrow_exception(handle_.promise().error);
    return std::move(*handle_.promise().result);
  }

 private:
  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Handle handle_;
};

// Some threads that resume coroutines. Its end waits until all that were spawned are done.
class Executor {
 public:
  explicit Executor(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~Executor() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return running_ == 0; });
    is_ending_ = true;
    changed_.notify_all();
  }

  // co_await executor.schedule(): go on in one of the threads.
  struct Schedule {
    Executor& executor;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const { executor.post(self); }
    void await_resume() const noexcept {}
  };
  Schedule schedule() { return {*this}; }

  // Starts the task in one of the threads, and calls `done` with its result.
  template <class T, class Done>
  void spawn(Task<T> task, Done done) {
    {
      const std::lock_guard lock(mutex_);
      ++running_;
    }
    run_detached(std::move(task), std::move(done));
  }

 private:
  struct Detached {
    struct promise_type {
      Detached get_return_object() const noexcept { return {}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { std::terminate(); }
    };
  };
  template <class T, class Done>
  Detached run_detached(Task<T> task, Done done) {
    co_await schedule();
    done(co_await std::move(task));
    const std::lock_guard lock(mutex_);
    --running_;
    changed_.notify_all();
  }

  void post(std::coroutine_handle<> coroutine) {
    const std::lock_guard lock(mutex_);
    ready_.push_back(coroutine);
    changed_.notify_all();
  }
  void run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_ending_ || !ready_.empty(); });
      if (ready_.empty()) return;
      const std::coroutine_handle<> coroutine = ready_.front();
      ready_.pop_front();
      lock.unlock();
      coroutine.resume();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::coroutine_handle<>> ready_;
  int running_ = 0;
  bool is_ending_ = false;
  std::vector<std::jthread> threads_;  // the last member: they end first
};
