// Ticks on x86-64: the time stamp counter, read in some 8 ns. Whether it may be trusted is the kernel's word: it must
// use it as its own clock source and allow this process to read it.
#pragma once

#include <sys/prctl.h>
#include <x86intrin.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace jtrace::inline v1::detail {

inline std::uint64_t read_ticks() noexcept { return __rdtsc(); }

inline bool ticks_are_trusted() noexcept {
  int mode = 0;
  if (prctl(PR_GET_TSC, &mode, 0, 0, 0) != 0 || mode != PR_TSC_ENABLE) return false;
  std::FILE* file = std::fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
  if (!file) return false;
  char name[16] = {};
  const bool is_tsc = std::fgets(name, sizeof name, file) && std::strncmp(name, "tsc", 3) == 0 &&
                      (name[3] == '\n' || name[3] == '\0');
  std::fclose(file);
  return is_tsc;
}

}  // namespace jtrace::inline v1::detail
