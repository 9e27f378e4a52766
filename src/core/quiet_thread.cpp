#include "core/quiet_thread.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "core/thread.h"

namespace jtrace::inline v1::detail {

bool start_quiet_thread(pthread_t& thread, void* (*run)(void*), void* argument) noexcept {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const bool started = pthread_create(&thread, nullptr, run, argument) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

void begin_quiet_thread(const char* name) noexcept {
  block_this_thread();
  pthread_setname_np(pthread_self(), name);
  sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_OTHER, &none);
  cpu_set_t cores;  // of the main thread
  if (sched_getaffinity(getpid(), sizeof cores, &cores) == 0) sched_setaffinity(0, sizeof cores, &cores);
}

}  // namespace jtrace::inline v1::detail
