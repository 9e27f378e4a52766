// The seam between the core and the library jtrace-config: one C function, so that each may be linked in any way.
#pragma once

#include <cstddef>

extern "C" {

// Where what was read goes. Texts are valid for the call.
struct JtraceConfigSink {
  void* to;
  // A scalar, under the names of the maps it is in, joined by points; line: from 1. An element of a list comes under the list's
  // name. False: that is too much, stop.
  bool (*entry)(void* to, const char* name, std::size_t name_size, const char* value, std::size_t value_size, int line);
  // Nothing else comes then; one sentence's end: "…: what is wrong".
  void (*problem)(void* to, const char* text, std::size_t size);
};

// Never throws.
using JtraceReadConfig = void(const char* path, const JtraceConfigSink*);
}

#define JTRACE_READ_CONFIG_SYMBOL "jtrace_read_config_v1"
