#include "config/warnings.h"

namespace jtrace::inline v1::detail {

std::vector<std::string> warnings(const Settings& settings) {
  std::vector<std::string> lines;
  const Endpoint& endpoint = settings.endpoint;
  if (settings.tls.is_set() && !endpoint.is_https())
    lines.push_back("the settings of tls have no effect: " + settings.destination() + " is not https");
  if (settings.tls.skip_verify && endpoint.is_https())
    lines.push_back("tls.skip_verify is set: nobody checks that " + endpoint.shown +
                    " is who it says, so whoever is in between can read and change what is sent");
  return lines;
}

}  // namespace jtrace::inline v1::detail
