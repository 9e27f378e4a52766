#include "wrong_answer.h"

#include "text.h"
#include "wrong_port.h"

namespace jtrace_send {

std::string quoted_body(const HttpAnswer& answer) {
  const std::string line = one_line(answer.body);
  return line.empty() ? "" : ": \"" + line + "\"";
}

namespace {

std::string credentials_advice(const Url& url) {
  if (url.credentials.empty())
    return "It wants a user and a password: put them into the endpoint, http://USER:PASSWORD@" + url.host +
           "/…, or, so that other "
           "users of this machine do not see them, into the variables JAEGER_USER and JAEGER_PASSWORD. A token goes into "
           "JAEGER_AUTH_TOKEN. What was given already may be wrong.";
  return "Check the user and the password in the endpoint; characters such as @ : / have to be written as "
         "%40 %3A %2F.";
}

Diagnosis explain_wrong_path(const HttpAnswer& answer, const Url& url) {
  const std::string problem = url.host_and_port() + " answered " + std::to_string(answer.status) +
                              " to a POST to " + one_line(url.path) + ": it takes no spans there.";
  if (const std::string known = about_port(url); !known.empty()) return {kRefused, problem, known};
  if (url.path != "/api/traces")
    return {kRefused, problem,
            "The path is wrong: Jaeger's is /api/traces. Write it, or leave it out: http://" +
                url.host_and_port() + "."};
  return {
      kRefused, problem,
      "The path is Jaeger's, so the server is probably none: is " + url.host_and_port() +
          " the right port? The collector's is 14268 by default (16686 is the UI, 4318 is OTLP over HTTP)."};
}

Diagnosis explain_bad_request(const HttpAnswer& answer, const Url& url) {
  if (answer.body.find("HTTP request to an HTTPS server") != std::string::npos ||
      answer.body.find("plain HTTP request was sent to HTTPS port") != std::string::npos)
    return {kRefused, url.host_and_port() + " expects https.", "Write https:// instead of http://."};
  return {kRefused, url.host_and_port() + " refused the batch with 400" + quoted_body(answer) + ".",
          sentences(about_port(url), "A service that does not read Jaeger's Thrift answers like this.")};
}

Diagnosis explain_page(const HttpAnswer& answer, const Url& url) {
  std::string advice = about_port(url);
  if (advice.empty())
    advice =
        "Jaeger's UI (16686) and health pages (14269, 13133) answer everything like this; the collector's "
        "port is 14268 by default. Try " +
        example_for(url) + ".";
  return {kRefused,
          url.host_and_port() + " answered " + std::to_string(answer.status) +
              " with a page; a collector answers 202 with nothing, so the spans would be lost there.",
          advice};
}

Diagnosis explain_redirect(const HttpAnswer& answer, const Url& url) {
  return {kRefused,
          url.host_and_port() + " redirects (" + std::to_string(answer.status) + ") to " +
              masked(answer.location) + ".",
          "jtrace follows no redirects: if that is the collector, give this address."};
}

Diagnosis explain_server_error(const HttpAnswer& answer, const Url& url) {
  return {kRefused,
          url.host_and_port() + " answered " + std::to_string(answer.status) + quoted_body(answer) + ".",
          "The service, its storage or a proxy before it is in trouble or overloaded: its log says more."};
}

}  // namespace

Diagnosis explain_wrong_answer(const HttpAnswer& answer, const Url& url) {
  const long status = answer.status;
  if (status / 100 == 2) return explain_page(answer, url);
  if (status / 100 == 3) return explain_redirect(answer, url);
  if (status == 400) return explain_bad_request(answer, url);
  if (status == 401 || status == 403)
    return {kRefused, url.host_and_port() + " does not let us in (" + std::to_string(status) + ").",
            credentials_advice(url)};
  if (status == 404 || status == 405 || status == 410 || status == 415 || status == 501)
    return explain_wrong_path(answer, url);
  if (status == 407)
    return {kRefused, "The proxy wants to know who we are (407).",
            "Put user and password into --proxy http://USER:PASSWORD@HOST:PORT (JTRACE_PROXY), or into the variables "
            "http_proxy and https_proxy."};
  if (status == 413)
    return {kRefused, url.host_and_port() + " says that the batch is too large (413).",
            "A proxy before the collector limits bodies: allow 1 MiB."};
  if (status == 408 || status == 429 || status / 100 == 5) return explain_server_error(answer, url);
  return {kRefused, url.host_and_port() + " answered " + std::to_string(status) + quoted_body(answer) + ".",
          sentences("Is this a collector?", about_port(url))};
}

}  // namespace jtrace_send
