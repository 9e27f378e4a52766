// Proxies as users and the environment write them, by libcurl's URL parser: [SCHEME://][USER:PASSWORD@]HOST[:PORT].
#pragma once

#include <optional>
#include <string_view>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

inline constexpr std::string_view kProxyAllowed =
    "none, http://HOST:PORT, https://HOST:PORT, socks5://HOST:PORT, socks5h://… or socks4://…";

std::optional<Proxy> parse_proxy(std::string_view text);

// A proxy variable as curl reads it, for this endpoint. Both null: there is none.
struct ProxyVariable {
  const char* name = nullptr;
  const char* value = nullptr;
};
ProxyVariable proxy_variable(const Endpoint& endpoint) noexcept;
std::string_view no_proxy_variable() noexcept;

}  // namespace jtrace::inline v1::detail
