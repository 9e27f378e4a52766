// One part of a program, with a copy of jtrace of its own or a shared one: the executable, a shared library or a plugin.
// Every part is compiled from the same source and does the same things; what is under test is who does them.
#pragma once

#include <atomic>

#include "jtrace/jtrace.h"

struct Part {
  const char* name;
  // Spans that use all that there is to call: tags, long ones, logs, errors, baggage, a name that changes.
  void (*trace)(int count);
  // A listed method that traces itself, a span that is taken over and ends by an exception, a context that goes to another thread, and a coroutine that goes on there.
  // The thread is the program's: what std::thread leaves in a plugin might keep it loaded.
  void (*take_along)(void (*on_thread)(void (*job)(void*), void* with));
  // An active span, in which `then` is called: a child of whoever's span is active.
  void (*nest)(void (*then)(void*), void* with);
  // A span that is handed on, and what another part does with it.
  jtrace::Span (*start)();
  void (*finish)(jtrace::Span);
  // Spans of a tracer of this part's own, closed afterwards; how many were acknowledged.
  long long (*trace_apart)(const char* endpoint);
  jtrace::Tracer (*handle)();
  void (*trace_with)(const jtrace::Tracer&);
  bool (*configure)(const char* endpoint);
  bool (*flush)();
  jtrace::Stats (*stats)();
  // A thread that traces until it is told to stop. Where stop is null: for ever.
  void (*run_until)(const std::atomic<bool>* stop);
};

extern "C" const Part* jtrace_test_part();  // of a plugin
const Part* part_of_executable();
extern "C" const Part* part_of_library_a();
extern "C" const Part* part_of_library_b();
