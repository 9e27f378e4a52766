// Marking: a call that is told of an exception on its way through, so that it can mark a span with its type and message.
//
// Units that are built with and without exceptions may meet in one program: whatever depends on that has it as a template
// argument, so that they share no definition.
#pragma once

#include <exception>
#include <utility>

#if defined(__cpp_exceptions)
#define JTRACE_DETAIL_EXCEPTIONS true
#else
#define JTRACE_DETAIL_EXCEPTIONS false
#endif

namespace jtrace::inline v1::detail {

template <bool Exceptions>
struct Marking {
  template <class Call, class Mark>
  [[gnu::always_inline]] static decltype(auto) call(Call&& call, Mark&&) {
    return std::forward<Call>(call)();
  }
};

#if defined(__cpp_exceptions)
template <>
struct Marking<true> {
  // `mark` gets the std::exception_ptr.
  template <class Call, class Mark>
  [[gnu::always_inline]] static decltype(auto) call(Call&& call, Mark&& mark) {
    try {
      return std::forward<Call>(call)();
    } catch (...) {
      mark(std::current_exception());
      throw;
    }
  }
};
#endif

}  // namespace jtrace::inline v1::detail
