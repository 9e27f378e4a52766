// Unknown names: a variable or a key that nobody reads is most often one that was misspelled. What was probably meant?
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jtrace::inline v1::detail {

// The known key or variable that a name is nearest to, by how many letters must be changed; empty: none is near.
std::string_view nearest_key(std::string_view name);
std::string_view nearest_variable(std::string_view name);
// "; was sampler.type meant?", or nothing.
std::string suggest(std::string_view nearest);

// A sentence for each variable JAEGER_… or JTRACE_… of the environment that nothing here reads. Those that Kubernetes sets for its
// services (JAEGER_COLLECTOR_SERVICE_HOST, JAEGER_PORT_14268_TCP, …) are left out.
std::vector<std::string> unknown_variables();

}  // namespace jtrace::inline v1::detail
