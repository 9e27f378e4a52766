// What the compiler calls at each function's begin and end where it is told -finstrument-functions, and what else in a program
// has to be watched for it: exceptions, and libraries that go. In front of those of the C and C++ libraries, which do the work.
#include <dlfcn.h>

#include <cstdint>

#include "auto/calls.h"
#include "auto/decisions.h"

namespace {

using namespace jtrace::automatic;

template <class F>
F next(const char* name) noexcept {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

}  // namespace

#define JTRACE_HOOK extern "C" [[gnu::visibility("default"), gnu::no_instrument_function]]

JTRACE_HOOK void __cyg_profile_func_enter(void* function, void*) noexcept {
  const Name* name = find(function);
  if (name) [[unlikely]] begin_call(function, *name, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
}

JTRACE_HOOK void __cyg_profile_func_exit(void* function, void*) noexcept {
  const Name* name = find(function);
  if (name) [[unlikely]] end_call(function, reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
}

// Functions that clang compiled are left by an exception without a word; here one has arrived, still uncaught, so that their
// spans know why they end. Weak: where the C++ library is linked statically, it keeps its own.
JTRACE_HOOK [[gnu::weak]] void* __cxa_begin_catch(void* exception) noexcept {
  static const auto begin_catch = next<void* (*)(void*)>("__cxa_begin_catch");
  end_calls_below(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
  return begin_catch(exception);
}

// In a program that is linked statically as a whole nobody is behind this one: the library stays where it is, as dlclose may have it.
JTRACE_HOOK [[gnu::weak]] int dlclose(void* library) noexcept {
  static const auto close = next<int (*)(void*)>("dlclose");
  if (!close) return 0;
  const int result = close(library);
  forget_decisions();
  return result;
}
