// Spans over threads: a pool of std::jthreads, a span that goes to another thread, and a future.
//
//   JAEGER_ENDPOINT=http://localhost:14268/api/traces build/examples/threads
#include <jtrace/trace.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace {

// Runs what is posted, as an asio::thread_pool does. It knows nothing of tracing.
class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this](std::stop_token stop) { run(stop); });
  }

  void post(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
  }

 private:
  void run(const std::stop_token& stop) {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return !jobs_.empty(); });
      if (jobs_.empty()) return;  // and stopped: all that was posted is done
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::jthread> threads_;  // the last member: they end first
};

void resize(int picture) { JTRACE_FUNCTION_ARGS(picture); }

std::future<int> count_pictures() {
  return std::async(std::launch::async, jtrace::carry([] {
    JTRACE_FUNCTION("query");
    return 4;
  }));
}

}  // namespace

int main() {
  Pool pool(3);
  auto request = jtrace::start_active_span("request");

  // The span of a function that returns a future lasts until the result is there.
  auto pictures = jtrace::traced<&count_pictures, "count_pictures">();

  // carry() takes the active context to the pool: each "resize" is a child of "request".
  const int count = pictures.get();
  for (int picture = 0; picture < count; ++picture) pool.post(jtrace::carry([picture] { resize(picture); }));

  // A span of its own may go to another thread, and end there.
  std::jthread mail([span = request->start_child("mail")]() mutable {
    const auto scope = jtrace::activate(span);
    auto connect = jtrace::start_active_span("connect");
    connect.close();
    span.set_tag("sent", true).finish();
  });
  std::cout << count << " pictures\n";
}
