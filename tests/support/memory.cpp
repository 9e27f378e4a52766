#include "support/memory.h"

#include <unistd.h>

#include <fstream>

namespace support {

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

#if defined(__SANITIZE_THREAD__)
constexpr bool kThread = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr bool kThread = true;
#else
constexpr bool kThread = false;
#endif
#else
constexpr bool kThread = false;
#endif

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kAddress = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool kAddress = true;
#else
constexpr bool kAddress = false;
#endif
#else
constexpr bool kAddress = false;
#endif

bool is_sanitized() {
  return kThread || kAddress;
}
bool is_thread_sanitized() {
  return kThread;
}

}  // namespace support
