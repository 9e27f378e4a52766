// fetch: one GET, for what is asked now and then and not worth a connection that is kept.
#pragma once

#include <cstddef>
#include <string>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

struct Fetched {
  enum class End : unsigned char { answered, failed, stopped };

  End end = End::failed;
  std::string body;     // answered: with status 200
  std::string trouble;  // failed: why, for the log; no secret is in it
};

inline constexpr std::size_t kMostFetched = 2 << 20;  // bytes; a larger answer is a failure

// From the endpoint, as the settings say how to get there. Blocks until there is an answer, the time for a connection or for a request is over, or
// the descriptor is readable. Throws std::bad_alloc.
Fetched fetch(const Settings& settings, int stop_descriptor);

}  // namespace jtrace::inline v1::detail
