// Reach: how to get to a collector, as the options and the library's variables say it: TLS, a login, headers, a proxy. The
// library gets what was given as an option through jtrace::Config and judges it; the probe beside it needs all of it, for
// libcurl. A plain value.
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jtrace/config.h"

namespace jtrace_send {

// Empty optionals were not given as options.
struct Reach {
  std::optional<std::string> tls_ca, tls_cert, tls_key, tls_server_name;
  bool skips_verify = false;
  std::optional<std::string> user, password, token;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> proxy;
  std::optional<std::string> compression;

  bool has_login() const { return user || password || token; }
};

// The options, into the library's configuration.
void configure(jtrace::Config& config, const Reach& reach);

// What was not given as an option, from the variables that the library reads too. Only for what the library has accepted.
Reach with_environment(Reach reach);

// Options of a libcurl handle. Login and headers are the collector's alone; the query API gets the others, too.
void apply_tls_and_proxy(CURL* easy, const Reach& reach);
void apply_login(CURL* easy, const Reach& reach);

}  // namespace jtrace_send
