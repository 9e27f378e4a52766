// Traced servers and clients of cpp-httplib (0.11 or newer), which needs exceptions for it.
//
//   jtrace::HttplibServer server;                               // a httplib::Server: every route from here on is traced
//   server.Get("/orders/(\\d+)", [](const httplib::Request& request, httplib::Response& response) {
//     jtrace::active_span().set_tag("order", request.matches[1].str());
//   });
//   jtrace::HttplibClient client("http://shop:8080");           // a httplib::Client: every request is traced
//   auto answer = client.Get("/orders/17");
//
// A request that a route takes is a span of kind server, a child of the context in its headers: "GET /orders/(\d+)", with `http.method`,
// `http.url`, `http.status_code`, `peer.address`. It is active while the handler runs, which may also take it as its last argument,
// `jtrace::Span&`. It is an error from status 500 on and if an exception leaves the handler; where the server has an exception
// handler, that runs within the span. What is answered without a route, such as files and status 404, has no span. What a content provider sends
// after the handler has returned is not measured.
//
// Routes that are set through a httplib::Server& are not seen: there it is traced_handler that traces one, and HttplibHeaders(request.headers)
// that extract() is to be given. For other frameworks, see HeaderSource in jtrace/propagation.h.
#pragma once

#include <httplib.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "jtrace/propagation.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1 {

namespace detail {

inline bool is_httplib_header(std::string_view name, std::string_view lower_case) {
  const auto to_lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(name, lower_case, {}, to_lower);
}

template <class Stays>
void append_encoded(std::string& to, std::string_view text, Stays stays) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (stays(c)) {
      to += c;
    } else {
      to += '%';
      to += kDigits[static_cast<unsigned char>(c) >> 4];
      to += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
}

inline bool holds_any_of(std::string_view value, std::string_view characters) {
  return std::ranges::any_of(characters, [&](char c) { return value.find(c) != value.npos; });
}

inline std::string encode_again(std::string_view value, std::string_view coded) {
  std::string encoded;
  encoded.reserve(value.size());
  append_encoded(encoded, value, [&](char c) { return coded.find(c) == coded.npos; });
  return encoded;
}

// The W3C's `baggage`: what its values may not hold was encoded; so were blanks, but for those before and behind a delimiter.
inline std::string encode_baggage_again(std::string_view value) {
  constexpr std::string_view kBlanks = " \t", kDelimiters = ",;=", kCoded = "%+\"\\";
  const auto is_delimiter = [&](std::size_t at) {
    if (at >= value.size() || kDelimiters.find(value[at]) == kDelimiters.npos) return false;
    if (value[at] != '=' || at == 0) return true;
    const std::size_t before = value.find_last_of(kDelimiters, at - 1);
    return before == value.npos || value[before] != '=';  // a second one is part of a value
  };
  std::string encoded;
  encoded.reserve(value.size());
  for (std::size_t at = 0; at < value.size();) {  // a run of blanks, and what is none
    const std::size_t word = std::min(value.find_first_not_of(kBlanks, at), value.size());
    const std::size_t end = std::min(value.find_first_of(kBlanks, word), value.size());
    const bool is_optional = is_delimiter(word) || (at > 0 && is_delimiter(at - 1));
    append_encoded(encoded, value.substr(at, word - at), [&](char) { return is_optional; });
    append_encoded(encoded, value.substr(word, end - word), [&](char c) { return c > ' ' && c <= '~' && kCoded.find(c) == kCoded.npos; });
    at = end;
  }
  return encoded;
}

}  // namespace detail

// The headers that a server of cpp-httplib has received, as a carrier: extract(HttplibHeaders(request.headers)). cpp-httplib replaces each %XX
// in a header by what it stands for, before anybody sees it, and baggage that is decoded twice is not what was sent: `50%2520off` is 50%20off,
// not "50 off". So what the reader of a header will decode is encoded again here; a header without it is seen as it stands.
//
// What cannot be told apart any more: a '+' in Jaeger's baggage is always a plus, also where a client for Go or Java wrote it for a blank; in
// `jaeger-debug-id` it is a blank, as at other servers, but by another name (`debug_id_header`) a plus. In the W3C's `baggage` an encoded comma
// ends its item, and encoded blanks beside a delimiter are none.
class HttplibHeaders {
 public:
  explicit HttplibHeaders(const ::httplib::Headers& headers JTRACE_BORROWS) noexcept : headers_(&headers) {}

  template <class F>
  void visit(F&& see) const {
    for (const auto& [name, value] : *headers_) {
      if (detail::is_httplib_header(name, "baggage")) {
        see(std::string_view(name), std::string_view(detail::encode_baggage_again(value)));
      } else if (const std::string_view coded = coded_in(name); detail::holds_any_of(value, coded)) {
        see(std::string_view(name), std::string_view(detail::encode_again(value, coded)));
      } else {
        see(std::string_view(name), std::string_view(value));
      }
    }
  }

 private:
  // What a value must not show to whoever reads a header of this name, who would decode it, or cut it off.
  static std::string_view coded_in(std::string_view name) {
    if (detail::is_httplib_header(name, "tracestate")) return "";
    if (detail::is_httplib_header(name, "jaeger-debug-id")) return "% \t";
    return "%+";
  }

  const ::httplib::Headers* headers_;
};

namespace detail {

using HttplibExceptionHandler = ::httplib::Server::ExceptionHandler;

// `request.ssl` is there if cpp-httplib was told to have TLS.
template <class Request>
std::string url_of(const Request& request) {
  const char* scheme = "http://";
  if constexpr (requires { request.ssl; }) {
    if (request.ssl) scheme = "https://";
  }
  return scheme + request.get_header_value("Host") + request.target;
}

// Nobody asks for it where tracing is off.
inline SpanContext caller_of(const ::httplib::Request& request) {
  return any_tracer() ? v1::extract(HttplibHeaders(request.headers)) : SpanContext();
}

inline ActiveSpan start_server_span(const ::httplib::Request& request, const std::string& pattern) {
  ActiveSpan active = v1::start_active_span(request.method + " " + pattern, {.child_of = caller_of(request), .kind = Kind::server});
  if (active->is_recording()) {
    active->set_tag("component", "cpp-httplib").set_tag("http.method", request.method).set_tag("http.url", url_of(request));
    active->set_tag("peer.address", request.remote_addr + ":" + std::to_string(request.remote_port));
  }
  return active;
}

// Of a client: with a scheme, and without user and password, which belong into no tag.
inline std::string base_url_of(const std::string& scheme_host_port) {
  const std::size_t scheme = scheme_host_port.find("://");
  const std::string before = scheme == std::string::npos ? "http://" : scheme_host_port.substr(0, scheme + 3);
  const std::string host = scheme == std::string::npos ? scheme_host_port : scheme_host_port.substr(scheme + 3);
  return before + host.substr(host.rfind('@') + 1);
}

inline void set_status(Span& span, int status) {
  span.set_tag("http.status_code", status);
  if (status >= 500) span.set_error();
}

// A handler in a span; copied and called as the handler itself.
template <class Handler>
class HttplibRoute {
 public:
  HttplibRoute(std::string pattern, Handler handler, std::shared_ptr<const HttplibExceptionHandler> on_exception)
      : pattern_(std::move(pattern)), handler_(std::move(handler)), on_exception_(std::move(on_exception)) {}

  template <class... Reader>
  void operator()(const ::httplib::Request& request, ::httplib::Response& response, const Reader&... reader) {
    ActiveSpan active = start_server_span(request, pattern_);
    try {
      if constexpr (std::invocable<Handler&, const ::httplib::Request&, ::httplib::Response&, const Reader&..., Span&>) {
        handler_(request, response, reader..., *active);
      } else {
        handler_(request, response, reader...);
      }
      set_status(*active, response.status == -1 ? 200 : response.status);
    } catch (...) {
      active->set_error(std::current_exception());
      if (on_exception_ && *on_exception_) {
        (*on_exception_)(request, response, std::current_exception());
        set_status(*active, response.status);
      } else {
        // What cpp-httplib answers. Finished here, since its destructor would mark it once more while the exception goes on.
        active->set_tag("http.status_code", 500);
        active.close();
        throw;
      }
    }
  }

 private:
  std::string pattern_;
  Handler handler_;
  std::shared_ptr<const HttplibExceptionHandler> on_exception_;
};

template <class F>
concept HttplibHandler = std::invocable<F&, const ::httplib::Request&, ::httplib::Response&> ||
                         std::invocable<F&, const ::httplib::Request&, ::httplib::Response&, Span&>;
template <class F>
concept HttplibReadingHandler =
    std::invocable<F&, const ::httplib::Request&, ::httplib::Response&, const ::httplib::ContentReader&> ||
    std::invocable<F&, const ::httplib::Request&, ::httplib::Response&, const ::httplib::ContentReader&, Span&>;

template <class F>
using HttplibFunctionFor = std::conditional_t<HttplibHandler<F>, ::httplib::Server::Handler, ::httplib::Server::HandlerWithContentReader>;

}  // namespace detail

// One route traced, by the name of its pattern: server.Get("/a", jtrace::traced_handler("/a", handler)).
template <class F>
  requires detail::HttplibHandler<std::decay_t<F>> || detail::HttplibReadingHandler<std::decay_t<F>>
detail::HttplibFunctionFor<std::decay_t<F>> traced_handler(std::string pattern, F&& handler,
                                                           std::shared_ptr<const detail::HttplibExceptionHandler> on_exception = nullptr) {
  return detail::HttplibRoute<std::decay_t<F>>(std::move(pattern), std::forward<F>(handler), std::move(on_exception));
}

// A server whose routes are traced. Base is httplib::Server or httplib::SSLServer; the arguments are those of its constructor.
template <std::derived_from<::httplib::Server> Base>
class HttplibServerOn : public Base {
 public:
  using Base::Base;

  template <class F>
  HttplibServerOn& Get(const std::string& pattern, F&& handler) {
    Base::Get(pattern, traced(pattern, std::forward<F>(handler)));
    return *this;
  }
  template <class F>
  HttplibServerOn& Post(const std::string& pattern, F&& handler) {
    Base::Post(pattern, traced(pattern, std::forward<F>(handler)));
    return *this;
  }
  template <class F>
  HttplibServerOn& Put(const std::string& pattern, F&& handler) {
    Base::Put(pattern, traced(pattern, std::forward<F>(handler)));
    return *this;
  }
  template <class F>
  HttplibServerOn& Patch(const std::string& pattern, F&& handler) {
    Base::Patch(pattern, traced(pattern, std::forward<F>(handler)));
    return *this;
  }
  template <class F>
  HttplibServerOn& Delete(const std::string& pattern, F&& handler) {
    Base::Delete(pattern, traced(pattern, std::forward<F>(handler)));
    return *this;
  }
  template <class F>
  HttplibServerOn& Options(const std::string& pattern, F&& handler) {
    Base::Options(pattern, traced(pattern, std::forward<F>(handler)));
    return *this;
  }

  // Before the server listens. It is called within the span of the route, if there is one.
  HttplibServerOn& set_exception_handler(detail::HttplibExceptionHandler handler) {
    *on_exception_ = handler;
    Base::set_exception_handler(std::move(handler));
    return *this;
  }

 private:
  template <class F>
  auto traced(const std::string& pattern, F&& handler) const {
    return traced_handler(pattern, std::forward<F>(handler), on_exception_);
  }

  std::shared_ptr<detail::HttplibExceptionHandler> on_exception_ = std::make_shared<detail::HttplibExceptionHandler>();
};

using HttplibServer = HttplibServerOn<::httplib::Server>;

// A client whose requests are traced: a span of kind client each, "HTTP GET", with the tags of the server's. It is an error if there is no
// answer, or from status 500 on. What is not among these calls goes by send(request); a call that would not be traced does not compile.
class HttplibClient : public ::httplib::Client {
 public:
  using Headers = ::httplib::Headers;
  using Result = ::httplib::Result;

  explicit HttplibClient(const std::string& scheme_host_port)
      : Client(scheme_host_port), base_url_(detail::base_url_of(scheme_host_port)) {}
  HttplibClient(const std::string& host, int port) : Client(host, port), base_url_("http://" + host + ":" + std::to_string(port)) {}

  Result Get(const std::string& path, const Headers& headers = {}) { return send("GET", path, headers); }
  Result Head(const std::string& path, const Headers& headers = {}) { return send("HEAD", path, headers); }
  Result Delete(const std::string& path, const Headers& headers = {}) { return send("DELETE", path, headers); }
  Result Options(const std::string& path, const Headers& headers = {}) { return send("OPTIONS", path, headers); }
  Result Post(const std::string& path, const std::string& body, const std::string& content_type) {
    return send("POST", path, {}, body, content_type);
  }
  Result Post(const std::string& path, const Headers& headers, const std::string& body, const std::string& content_type) {
    return send("POST", path, headers, body, content_type);
  }
  Result Put(const std::string& path, const std::string& body, const std::string& content_type) {
    return send("PUT", path, {}, body, content_type);
  }
  Result Put(const std::string& path, const Headers& headers, const std::string& body, const std::string& content_type) {
    return send("PUT", path, headers, body, content_type);
  }
  Result Patch(const std::string& path, const std::string& body, const std::string& content_type) {
    return send("PATCH", path, {}, body, content_type);
  }
  Result Patch(const std::string& path, const Headers& headers, const std::string& body, const std::string& content_type) {
    return send("PATCH", path, headers, body, content_type);
  }

  // The request as it is, with the context in its headers. The span is active meanwhile, also for the request's receivers.
  Result send(::httplib::Request request) {
    ActiveSpan active = v1::start_active_span("HTTP " + request.method, {.kind = Kind::client});
    if (active->is_recording()) {
      active->set_tag("component", "cpp-httplib").set_tag("http.method", request.method).set_tag("http.url", base_url_ + request.path);
    }
    v1::inject(active->context(), request.headers);
    Result result = Client::send(request);
    if (result) {
      detail::set_status(*active, result->status);
    } else {
      active->set_error(::httplib::to_string(result.error()));
    }
    return result;
  }

 private:
  Result send(const char* method, const std::string& path, const Headers& headers, const std::string& body = {},
              const std::string& content_type = {}) {
    ::httplib::Request request;
    request.method = method;
    request.path = path;
    request.headers = headers;
    request.body = body;
    if (!content_type.empty()) request.set_header("Content-Type", content_type);
    return send(std::move(request));
  }

  std::string base_url_;
};

}  // namespace jtrace::inline v1
