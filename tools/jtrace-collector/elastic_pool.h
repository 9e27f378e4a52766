// The threads that serve connections: as many as are needed at once, up to a limit.
//
// cpp-httplib gives a thread to every open connection, also to one that says nothing, so a pool of fixed size
// stalls when idle connections hold it. This one starts a thread whenever all are taken. Threads stay for the
// next connection; `shutdown` waits for them. Made and owned by the server, used from its accept loop.
#pragma once

#include <httplib.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace jtrace::collector {

class ElasticPool : public httplib::TaskQueue {
 public:
  using Task = std::function<void()>;

  explicit ElasticPool(std::size_t max_threads) : max_threads_(max_threads) {}

  // Newer versions of the library want to know whether the task was taken. It always is.
  using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue(std::declval<Task>()));

  Enqueued enqueue(Task task) override {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
      if (tasks_.size() > idle_ && threads_.size() < max_threads_) start_thread();
    }
    wake_.notify_one();
    return static_cast<Enqueued>(true);
  }

  // Finishes what is queued, then ends all threads. Nothing may be enqueued from here on.
  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  // Without a further thread the task waits for one of those there are.
  void start_thread() {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      --idle_;
      if (tasks_.empty()) return;
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }

  const std::size_t max_threads_;

  std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_; threads_ is joined after the accept loop has ended.
  std::deque<Task> tasks_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace jtrace::collector
