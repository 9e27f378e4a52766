// Where an HTTP answer came back, but not that of a collector which takes the batch: wrong path or port, no
// entry, a page, trouble. One function makes the Diagnosis of it, by the status. Exit code 4.
#pragma once

#include <string>

#include "diagnosis.h"
#include "http_client.h"
#include "url.h"

namespace jtrace_send {

Diagnosis explain_wrong_answer(const HttpAnswer& answer, const Url& url);

// `: "what the server said"`, or nothing if it said nothing.
std::string quoted_body(const HttpAnswer& answer);

}  // namespace jtrace_send
