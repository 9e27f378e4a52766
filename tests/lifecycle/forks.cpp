// What a forked child may do with a parent's tracer.
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "scenarios.h"

namespace scenarios {
namespace {

using namespace std::chrono_literals;

// Runs f in a forked child that leaves by exit(), and gives back its exit code; -1 if a signal ended it.
template <class F>
int in_child(F&& f, bool raw = false) {
  const pid_t child = raw ? static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr)) : fork();
  if (child == 0) {
    f();
    exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void trace(const std::string& who, int count) {
  for (int i = 0; i < count; ++i) jtrace::start_span(who + " " + std::to_string(i)).finish();
}

// The parent's queue is full of unsent spans when it forks.
int child_does_nothing() {
  trace("parent", 100);
  report("child", in_child([] {}));
  return 0;
}

int child_traces() {
  trace("parent before", 10);
  report("child", in_child([] {
           trace("child", 10);
           report("child flushed", jtrace::tracer().flush(20s));
           const auto stats = jtrace::tracer().stats();
           report("child finished", static_cast<long long>(stats.finished));
           report("child acknowledged", static_cast<long long>(stats.acknowledged));
           report("child balanced", stats.is_balanced());
         }));
  trace("parent after", 10);
  jtrace::tracer().flush(20s);
  report(jtrace::tracer().stats());
  return 0;
}

int child_traces_after_the_parent_sent() {
  trace("parent before", 10);
  jtrace::tracer().flush(20s);  // there is a connection now
  report("child", in_child([] { trace("child", 10); }));
  trace("parent after", 10);
  jtrace::tracer().flush(20s);
  report(jtrace::tracer().stats());
  return 0;
}

int raw_child_traces() {
  trace("parent before", 10);
  report("child", in_child(
                      [] {
                        trace("child", 10);
                        jtrace::tracer().flush(20s);
                        _exit(0);
                      },
                      true));
  trace("parent after", 10);
  return 0;
}

// Three generations, each with its own spans.
int grandchild_traces() {
  trace("parent", 5);
  report("child", in_child([] {
           trace("child", 5);
           report("grandchild", in_child([] { trace("grandchild", 5); }));
         }));
  return 0;
}

int child_uses_inherited_spans() {
  auto open = jtrace::start_span("inherited, open");
  auto active = std::optional<jtrace::ActiveSpan>(jtrace::start_active_span("inherited, active"));
  auto context = open.context();
  report("child", in_child([&] {
           open.set_tag("by the child", 1).log("by the child").set_error("by the child");
           report("recording in the child", open.is_recording());
           open.finish();
           open = jtrace::Span();
           active.reset();
           jtrace::start_span("own").finish();
           jtrace::start_span("own, below the inherited context", {.child_of = context}).finish();
           jtrace::tracer().flush(20s);
           report("child inherited", static_cast<long long>(jtrace::tracer().stats().inherited));
           report("child balanced", jtrace::tracer().stats().is_balanced());
         }));
  open.set_tag("by the parent", 1);
  open.finish();
  active.reset();
  jtrace::tracer().flush(20s);
  report(jtrace::tracer().stats());
  return 0;
}

// A child that inherits spans and lets its static and automatic destructors meet them.
int child_returns_through_open_scopes() {
  static jtrace::Span kept = jtrace::start_span("kept");
  const pid_t child = [] {
    auto active = jtrace::start_active_span("around the fork");
    return fork();
  }();
  if (child == 0) return 7;
  int status = 0;
  waitpid(child, &status, 0);
  report("child", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  kept.finish();
  return 0;
}

// Both sides go on drawing ids; none may be drawn twice.
int both_sides_draw_ids() {
  trace("before", 1);
  std::vector<std::thread> threads;
  report("child", in_child([] { trace("child", 500); }));
  trace("parent", 500);
  return 0;
}

// In each round the threads have some hundred spans to push, and the fork comes while they do.
int forks_while_threads_push() {
  constexpr int kRounds = 1000, kThreads = 8;
  std::atomic<int> round{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&round, t] {
      for (int done = 0; done < kRounds; ++done) {
        round.wait(done);
        for (int i = 0; i < 20; ++i) {
          auto active = jtrace::start_active_span("pushed by " + std::to_string(t), {.tags = {{"n", i}}});
        }
      }
    });
  }
  int bad = 0;
  for (int i = 0; i < kRounds; ++i) {
    round = i + 1;
    round.notify_all();
    bad += in_child([i] {
             for (int n = 0; n < 5; ++n) {
               jtrace::start_span("child " + std::to_string(i), {.tags = {{"n", n}}}).finish();
             }
             jtrace::tracer().flush(20s);
             const auto stats = jtrace::tracer().stats();
             exit(stats.finished == 5 && stats.acknowledged == 5 && stats.is_balanced() ? 0 : 1);
           }) != 0;
  }
  for (std::thread& thread : threads) thread.join();
  report("bad children", bad);
  report("flushed", jtrace::tracer().flush(30s));
  report(jtrace::tracer().stats());
  return 0;
}

// Children of every make, that do nothing and leave, while threads trace; some run a program, which finds no descriptor of ours.
int makes_children_of_every_kind() {
  constexpr int kRounds = 200, kThreads = 8;
  close_range(4, ~0u, 0);  // what the test itself has left open for us
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&stop] {
      for (int i = 0; !stop; ++i) {
        auto active = jtrace::start_active_span("pushed");
        if (i % 50 == 0) std::this_thread::yield();
      }
    });
  }
  trace("parent", 1);
  jtrace::tracer().flush(20s);  // there is a connection now
  int bad = 0;
  const auto wait_for = [&bad](pid_t child) {
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) ++bad;
  };
  // libcurl's own pair of local sockets is another matter.
  const char* program[] = {"/bin/sh", "-c", R"(
    for descriptor in /proc/$$/fd/*; do
      what=$(readlink "$descriptor")
      inode=${what#*[}
      case $what in
        anon_inode:*) exit 1 ;;
        socket:*) if grep -q " ${inode%]} " /proc/net/tcp; then exit 2; fi ;;
      esac
    done)", nullptr};
  for (int i = 0; i < kRounds; ++i) {
    const auto forked = fork();
    if (forked == 0) _exit(0);
    wait_for(forked);
    const auto bare = _Fork();
    if (bare == 0) _exit(0);
    wait_for(bare);
    const auto cloned = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
    if (cloned == 0) _exit(0);
    wait_for(cloned);
    const auto borrowed = vfork();
    if (borrowed == 0) _exit(0);
    wait_for(borrowed);
    if (i % 10 != 0) continue;
    pid_t spawned = -1;
    if (posix_spawn(&spawned, program[0], nullptr, nullptr, const_cast<char**>(program), environ) != 0) ++bad;
    wait_for(spawned);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  report("bad children", bad);
  report("flushed", jtrace::tracer().flush(30s));
  report(jtrace::tracer().stats());
  return 0;
}

// By the C library's fork without handlers.
int bare_fork_traces() {
  trace("parent before", 10);
  const pid_t child = _Fork();
  if (child == 0) {
    trace("child", 10);
    jtrace::tracer().flush(20s);
    _exit(jtrace::tracer().stats().acknowledged == 10 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  report("child", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  trace("parent after", 10);
  return 0;
}

int child_without_tracing_before() {
  report("child", in_child([] { trace("child", 3); }));
  trace("parent", 3);
  return 0;
}

// The tracer is shut in the parent; the child is no exception.
int child_of_a_closed_tracer() {
  trace("parent", 3);
  jtrace::tracer().close(20s);
  report("child", in_child([] {
           auto span = jtrace::start_span("child");
           report("child is inert", !span.context().is_valid());
         }));
  return 0;
}

}  // namespace

const Named forks[] = {
    {"child does nothing", child_does_nothing},
    {"child traces", child_traces},
    {"child traces after the parent sent", child_traces_after_the_parent_sent},
    {"raw child traces", raw_child_traces},
    {"grandchild traces", grandchild_traces},
    {"child uses inherited spans", child_uses_inherited_spans},
    {"child returns through open scopes", child_returns_through_open_scopes},
    {"both sides draw ids", both_sides_draw_ids},
    {"forks while threads push", forks_while_threads_push},
    {"makes children of every kind", makes_children_of_every_kind},
    {"bare fork traces", bare_fork_traces},
    {"child without tracing before", child_without_tracing_before},
    {"child of a closed tracer", child_of_a_closed_tracer},
    {},
};

}  // namespace scenarios
