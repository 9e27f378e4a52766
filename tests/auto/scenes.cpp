#include "scenes.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <coroutine>
#include <csetjmp>
#include <cstdlib>
#include <new>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "jtrace/jtrace.h"

// Memory comes from here, that of the hooks as well.
namespace memory {
[[gnu::noinline]] void* allocate(std::size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (!memory) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void release(void* memory) noexcept { std::free(memory); }
}  // namespace memory

void* operator new(std::size_t size) { return memory::allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return memory::allocate(size); }
void operator delete(void* memory) noexcept { memory::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { memory::release(memory); }

namespace app {

volatile int total = 0;

class Order {
 public:
  explicit Order(int id) : id_(id) { price(); }
  ~Order() { total = total + 1; }
  int get_id() const { return id_; }
  int load() {
    find(get_id());
    return get_id();
  }
  template <class T>
  T convert(const std::vector<T>& values) const {
    return values.empty() ? T() : values.front();
  }
  bool operator==(const Order& other) const { return id_ == other.id_; }
  JTRACE_IGNORE void ignored() { find(3); }

 private:
  static void find(int n) { total = total + n; }
  void price() { total = total + 2; }

  int id_;
};

namespace {
[[gnu::noinline]] void hidden() { total = total + 1; }
}  // namespace

void sell() {
  Order order(7);
  order.load();
  order.convert(std::vector<int>{1, 2, 3});
  if (order == order) total = 0;
  order.ignored();
  const auto add = [](int n) { total = total + n; };
  std::vector<int> numbers{3, 1, 2};
  std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return a < b; });
  add(numbers.front());
  hidden();
}

[[gnu::noinline]] void fail() { throw std::runtime_error("out of stock"); }
[[gnu::noinline]] void pass_on() { fail(); }
[[gnu::noinline]] void after() { total = total + 1; }
void recover() {
  try {
    pass_on();
  } catch (const std::exception&) {
    after();
  }
  after();
}

[[gnu::noinline]] int deep(int n) {  // NOLINT(misc-no-recursion)
  const int below = n == 0 ? 0 : deep(n - 1);
  total = total + below;
  return below + 1;
}
[[gnu::noinline]] void recursion() { deep(5); }
// More calls than are written down; one near the first of them calls something else on the way back.
[[gnu::noinline]] int deeper(int n) {  // NOLINT(misc-no-recursion)
  const int below = n == 0 ? 0 : deeper(n - 1);
  if (n == 29'990) after();
  total = total + below;
  return below + 1;
}
[[gnu::noinline]] void deepest() { deeper(30'000); }

[[gnu::noinline]] void work() { total = total + 1; }
void threads() {
  std::vector<std::thread> several;
  for (int i = 0; i < 4; ++i) several.emplace_back(work);
  for (std::thread& thread : several) thread.join();
}

std::jmp_buf mark;
[[gnu::noinline]] void jump() { std::longjmp(mark, 1); }
[[gnu::noinline]] void jumps() {
  if (setjmp(mark) == 0) jump();
}
[[gnu::noinline]] void back() {
  jumps();
  after();
}

// At least so long.
[[gnu::noinline]] void take(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) total = total + 1;
}
[[gnu::noinline]] void quick() { work(); }
[[gnu::noinline]] void quick_by_hand() { const auto span = jtrace::start_active_span("by hand"); }
[[gnu::noinline]] void slow() {
  quick();
  take(std::chrono::milliseconds(30));
}
void speeds() {
  slow();
  quick();
  quick_by_hand();
}

[[gnu::noinline]] void leave() { std::exit(0); }
void ends() { leave(); }

void forks() {
  const pid_t child = fork();
  if (child == 0) {
    after();
    std::exit(0);
  }
  waitpid(child, nullptr, 0);
}

[[gnu::noinline]] void mixed() {
  JTRACE_FUNCTION_AS(span);
  work();
}

// Signals come while the program is in the hooks as well; what the handler calls has been called before.
volatile sig_atomic_t alarms = 0;
[[gnu::noinline]] void in_handler() { alarms = alarms + 1; }
[[gnu::noinline]] void on_alarm(int) { in_handler(); }
[[gnu::noinline]] void interrupted() {
  work();
  for (int i = 0; i < 2'000; ++i) total = total + 1;  // here, too
}
void interrupt(int microseconds) {
  const itimerval every{{0, microseconds}, {0, microseconds}};
  setitimer(ITIMER_REAL, &every, nullptr);
}
void signals() {
  on_alarm(0);
  interrupted();
  signal(SIGALRM, on_alarm);
  interrupt(50);
  while (alarms < 60) interrupted();
  interrupt(0);
  after();
}

// Lazy, resumed by hand.
struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::abort(); }
  };
  std::coroutine_handle<promise_type> handle;
};
Task in_steps() {
  work();
  co_await std::suspend_always();
  after();
}
[[gnu::noinline]] void resume_all(std::coroutine_handle<> handle) {
  while (!handle.done()) handle.resume();
  handle.destroy();
}
void coroutines() { resume_all(in_steps().handle); }

void plugin(const char* variable) {
  void* const library = dlopen(std::getenv(variable), RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  reinterpret_cast<void (*)()>(dlsym(library, "plugin_run"))();
  dlclose(library);
}
// Most often the second lies where the first lay.
void plugins() {
  plugin("PLUGIN");
  plugin("PLUGIN");
  plugin("OTHER_PLUGIN");
}

}  // namespace app

const scenes::Named scenes::all[] = {{"sell", app::sell}, {"recover", app::recover}, {"recursion", app::recursion},
                                     {"deepest", app::deepest}, {"threads", app::threads}, {"back", app::back},
                                     {"speeds", app::speeds}, {"ends", app::ends}, {"mixed", app::mixed},
                                     {"forks", app::forks}, {"signals", app::signals}, {"coroutines", app::coroutines},
                                     {"plugins", app::plugins}, {{}, nullptr}};
