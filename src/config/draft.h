// Draft: settings while they are put together, and what takes one key's value into them. Some settings come from several
// keys, so what was said is kept here until all keys are known.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

struct Draft {
  Settings settings;
  std::string sampler_type;
  std::optional<double> sampler_param;
  std::optional<Endpoint> sampling_endpoint, sampling_manager;  // two keys for the same; the first counts
  std::optional<std::uint16_t> sampling_port;                   // the second, where it is just a port: on the agent's host
  std::optional<Protocol> protocol;
  std::string endpoint_text;   // as given: what it lacks depends on the protocol
  std::optional<Proxy> proxy;  // one without a url: none
};

// Null if the value was taken, else what is allowed.
using Apply = const char* (*)(Draft&, std::string_view);

}  // namespace jtrace::inline v1::detail
