// For servers that run until somebody stops them.
#pragma once

#include <signal.h>

namespace example {

// SIGTERM and SIGINT, which are taken by nobody else then: sigwait() for them. Before the first thread.
inline sigset_t block_stopping_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace example
