// A thread of the library's own, in the midst of somebody else's program: no signal is delivered to it, it may not trace, and it does
// not inherit the priority or the cores of whichever thread happened to make it.
#pragma once

#include <pthread.h>

namespace jtrace::inline v1::detail {

// False if the system gives no thread.
bool start_quiet_thread(pthread_t& thread, void* (*run)(void*), void* argument) noexcept;
// The first that it does. The name has 15 characters at most.
void begin_quiet_thread(const char* name) noexcept;

}  // namespace jtrace::inline v1::detail
