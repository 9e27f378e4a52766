// Where no HTTP answer came back: closed port, unknown host, silence, TLS, or a server that speaks something
// else. One function makes the Diagnosis of it, from what libcurl and the kernel say. Exit code 3.
#pragma once

#include "diagnosis.h"
#include "http_client.h"
#include "url.h"

namespace jtrace_send {

Diagnosis explain_no_answer(const HttpAnswer& answer, const Url& url);

}  // namespace jtrace_send
