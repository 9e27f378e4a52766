#include "config/settle_reach.h"

#include <algorithm>
#include <utility>

#include "config/headers.h"
#include "transport/endpoint.h"
#include "transport/proxy.h"

namespace jtrace::inline v1::detail {
namespace {

Error refuse_both(const std::string& one, const std::string& other) {
  return Error(one, "***", one + " and " + other + " are both set: allowed is one of them");
}

bool has_authorization(const Settings& settings) {
  return std::any_of(settings.headers.begin(), settings.headers.end(),
                     [](const Header& header) { return is_same_header(header.name, "Authorization"); });
}

// What an endpoint has before its '@' counts where nothing else was said.
Error choose_login(Draft& draft, const NameOf& name_of) {
  Login& login = draft.settings.login;
  const Endpoint& endpoint = draft.settings.endpoint;
  const std::string_view basic = !login.user.empty()       ? "auth.user"
                                 : !login.password.empty() ? "auth.password"
                                                           : "endpoint";
  if (!login.is_basic()) {
    login.user = endpoint.user;
    login.password = endpoint.password;
  }
  if (!login.is_basic() && !login.is_bearer()) return {};
  const std::string name = name_of(login.is_basic() ? basic : "auth.token");
  if (login.is_basic() && login.is_bearer()) return refuse_both(name, name_of("auth.token"));
  return has_authorization(draft.settings) ? refuse_both(name, name_of("headers.Authorization")) : Error();
}

Error check_certificate(const Draft& draft, const NameOf& name_of) {
  const Tls& tls = draft.settings.tls;
  if (tls.key.empty() || !tls.cert.empty()) return {};
  const std::string key = name_of("tls.key");
  return Error(key, tls.key, key + "=\"" + tls.key + "\": allowed is a key beside its certificate, and " +
                                 name_of("tls.cert") + " is not set");
}

Error refuse(const ProxyVariable& variable) {
  const std::string name = variable.name, shown = without_secrets(variable.value);
  return Error(name, shown, name + "=\"" + shown + "\": allowed is " + std::string(kProxyAllowed));
}

}  // namespace

// What was said for jtrace alone counts for every endpoint; the variables that are for all programs have exceptions.
Error choose_proxy(const Draft& draft, const Endpoint& endpoint, Proxy& proxy) {
  if (endpoint.url.empty() || !endpoint.unix_socket.empty()) return {};
  if (draft.proxy) {
    proxy = *draft.proxy;
    return {};
  }
  const ProxyVariable variable = proxy_variable(endpoint);
  if (!variable.value) return {};
  auto parsed = parse_proxy(variable.value);
  if (!parsed) return refuse(variable);
  proxy = std::move(*parsed);
  proxy.except = no_proxy_variable();
  return {};
}

Error settle_reach(Draft& draft, const NameOf& name_of) {
  Error error = choose_login(draft, name_of);
  if (error.key().empty()) error = check_certificate(draft, name_of);
  if (error.key().empty()) error = choose_proxy(draft, draft.settings.endpoint, draft.settings.proxy);
  return error;
}

}  // namespace jtrace::inline v1::detail
