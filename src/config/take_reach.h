// What takes the values of the keys that say how the collector is reached: its address, TLS, the login, headers, a proxy
// and compression. Each gives null, or what is allowed; the table of read_settings.cpp calls them.
#pragma once

#include <string_view>

#include "config/draft.h"

namespace jtrace::inline v1::detail {

const char* take_endpoint(Draft& draft, std::string_view text);
const char* take_tls_ca(Draft& draft, std::string_view path);
const char* take_tls_cert(Draft& draft, std::string_view path);
const char* take_tls_key(Draft& draft, std::string_view path);
const char* take_tls_server_name(Draft& draft, std::string_view text);
const char* take_tls_skip_verify(Draft& draft, std::string_view text);
const char* take_user(Draft& draft, std::string_view text);
const char* take_password(Draft& draft, std::string_view text);
const char* take_token(Draft& draft, std::string_view text);
const char* take_headers(Draft& draft, std::string_view text);
const char* take_proxy(Draft& draft, std::string_view text);
const char* take_compression(Draft& draft, std::string_view text);

}  // namespace jtrace::inline v1::detail
