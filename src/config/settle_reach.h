// What the keys that say how the collector is reached mean together: one login of those that were given, a certificate for
// its key, a proxy of one's own or of all programs.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "config/draft.h"
#include "jtrace/error.h"

namespace jtrace::inline v1::detail {

// Where a key's value came from: the key itself, or its variable.
using NameOf = std::function<std::string(std::string_view)>;

// An error without a key: none.
// Which proxy leads to an endpoint.
Error choose_proxy(const Draft& draft, const Endpoint& endpoint, Proxy& proxy);
Error settle_reach(Draft& draft, const NameOf& name_of);

}  // namespace jtrace::inline v1::detail
