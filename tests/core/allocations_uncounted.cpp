// For sanitizer builds.
#include "core/allocations.h"

namespace allocations {

bool are_counted() { return false; }
void set_curl_apart() {}
std::uint64_t by_reporters() { return 0; }
std::uint64_t by_this_thread() { return 0; }
void refuse_reporters(unsigned, std::uint64_t) {}
void refuse_here(std::uint64_t, std::uint64_t) {}
std::uint64_t refused() { return 0; }

}  // namespace allocations
