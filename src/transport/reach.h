// How the collector is reached: what Settings say of address, TLS, login, proxy and headers, as options of a libcurl
// handle. libcurl copies all texts. Redirects are never followed, so that neither a login nor a header goes where it was not
// meant to.
#pragma once

#include <curl/curl.h>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

// Throws std::bad_alloc.
void set_reach(CURL* easy, const Settings& settings);

// The headers that every POST has; the caller frees them. Throws std::bad_alloc.
curl_slist* request_headers(const Settings& settings);
// Those of them that the settings ask for, behind `lines`, which is freed where there is no memory.
void append_own_headers(curl_slist*& lines, const Settings& settings);
// host:port to connect to in the place of the URL's; null: that one. The caller frees them.
curl_slist* connect_to(const Settings& settings);

}  // namespace jtrace::inline v1::detail
