#include "no_answer.h"

#include <cerrno>
#include <string_view>

#include "text.h"
#include "wrong_port.h"

namespace jtrace_send {
namespace {

std::string advice_if_closed(const Url& url) {
  const std::string known = about_port(url);
  if (!known.empty()) return known;
  if (!url.unix_socket.empty()) return "Is the collector running, and is this the path of its socket?";
  return "Is the collector running, and is this its port (Jaeger's default is 14268)? In Docker, publish it "
         "with "
         "-p 14268:14268; a Jaeger v2 outside of Docker listens on localhost only unless JAEGER_LISTEN_HOST "
         "is set. "
         "For a local one without Jaeger, start jtrace-collector.";
}

Diagnosis explain_no_connection(const HttpAnswer& answer, const Url& url) {
  const std::string where = url.host_and_port();
  if (answer.system_error == ECONNREFUSED)
    return {kNotReachable, "Nothing listens at " + where + ": the connection was refused.",
            advice_if_closed(url)};
  return {kNotReachable, "No connection to " + where + " (" + one_line(answer.error) + ").",
          advice_if_closed(url)};
}

Diagnosis explain_timeout(const HttpAnswer& answer, const Url& url) {
  const std::string where = url.host_and_port();
  // A server without TLS waits for more of what it takes for a request; libcurl may call that no connection
  // yet.
  const std::string_view plain =
      url.scheme == "https" ? "If the service speaks plain HTTP there, write http:// instead of https://."
                            : "";
  const std::string hints = sentences(about_port(url), plain);
  if (answer.was_connected)
    return {kNotReachable, where + " accepted the connection, but did not answer in time.",
            sentences(hints, "Is the service overloaded or stopped? --timeout allows more time.")};
  return {kNotReachable, "No connection to " + where + " in time: nobody refused it, and nobody took it.",
          sentences(hints, "A firewall or a wrong address looks like this; --timeout allows more time.")};
}

Diagnosis explain_no_http(const HttpAnswer& answer, const Url& url) {
  std::string advice = about_port(url);
  if (advice.empty())
    advice =
        "A gRPC port (4317, 14250), or one that expects https, looks like this; Jaeger's Thrift over HTTP is "
        "at "
        "port 14268 by default. Try " +
        example_for(url) + ".";
  return {kNotReachable,
          url.host_and_port() + " took the connection, but does not answer in HTTP (" +
              one_line(answer.error) + ").",
          advice};
}

Diagnosis explain_tls(const HttpAnswer& answer, const Url& url) {
  const std::string where = url.host_and_port();
  const std::string why = " (" + one_line(answer.error) + ").";
  if (answer.code == CURLE_PEER_FAILED_VERIFICATION)
    return {kNotReachable, "The certificate of " + where + " was not accepted" + why,
            "It must be valid today, be made for the name in the URL, and come from an authority that this "
            "machine trusts. For an authority of your own there is --tls-ca FILE (JAEGER_TLS_CA), or the system's store "
            "(update-ca-certificates); for another name --tls-server-name."};
  if (answer.code == CURLE_SSL_CERTPROBLEM)
    return {kNotReachable, "The client's certificate cannot be used" + why,
            "--tls-cert and --tls-key (JAEGER_TLS_CERT, JAEGER_TLS_KEY) name PEM files that belong together."};
  return {kNotReachable, "No TLS connection to " + where + why,
          sentences(about_port(url),
                    "If the service speaks plain HTTP there, write http:// instead of https://.")};
}

}  // namespace

Diagnosis explain_no_answer(const HttpAnswer& answer, const Url& url) {
  switch (answer.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {kNotReachable, "The host " + url.host + " is not known.",
              "Check the spelling; inside of Docker or Kubernetes the name is that of the service, from the "
              "same network."};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {kNotReachable, "The host of the proxy is not known.",
              "Check --proxy (JTRACE_PROXY) and the variables http_proxy, https_proxy and no_proxy."};
    case CURLE_COULDNT_CONNECT:
      return explain_no_connection(answer, url);
    case CURLE_OPERATION_TIMEDOUT:
      return explain_timeout(answer, url);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return explain_tls(answer, url);
    case CURLE_UNSUPPORTED_PROTOCOL:  // "Received HTTP/0.9 when not allowed"
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_PARTIAL_FILE:
      return explain_no_http(answer, url);
    default:
      return {kNotReachable, "The request to " + url.shown() + " failed (" + one_line(answer.error) + ").",
              "Check the endpoint."};
  }
}

}  // namespace jtrace_send
