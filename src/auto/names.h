// Names: what the function at an address is called, "ns::Class::function", as JTRACE_FUNCTION would call it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "auto/symbols.h"

namespace jtrace::automatic {

// For one thread at a time. Throws std::bad_alloc.
class Names {
 public:
  // Empty if nobody knows. That a file has no names is said once.
  std::string of(const void* function);
  // Files may have been unloaded, and others may have taken their place.
  void forget() { files_.clear(); }

 private:
  const Symbols& symbols_of(const std::string& path);

  std::map<std::string, Symbols> files_;  // by their path
};

// Of what a linker calls a function: without result, parameters and template arguments; empty for what a coroutine
// is cut into.
std::string plain_name(std::string symbol);

}  // namespace jtrace::automatic
