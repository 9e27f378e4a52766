// Traced transfers by libcurl (7.72 or newer).
//
//   const CURLcode code = jtrace::curl_perform(handle, headers);   // for curl_easy_perform(handle)
//
//   jtrace::CurlMulti traced(multi);                               // beside a CURLM, in the same thread
//   traced.add_handle(handle, headers);                            // for curl_multi_add_handle
//   while (CURLMsg* message = traced.info_read(&left)) …           // for curl_multi_info_read: the span of what is done ends
//   traced.remove_handle(handle);                                  // for curl_multi_remove_handle
//
// A transfer is a span of kind client, a child of the active one unless told otherwise: `http.method`, `http.url` without user and
// password, `http.status_code`, `peer.address`; logs for the moments when the name was found, the connection stood, TLS was agreed on and
// the first byte came. It is an error if the transfer fails, or from status 500 on. Its context goes into the request's headers.
//
// libcurl does not tell which CURLOPT_HTTPHEADER a handle has, so it has to be said: `headers` is that list, or null where there
// is none. It is not changed, it has to live as long as the transfer, and it is the handle's list again afterwards. Nothing here is
// noticed by a program whose tracing is off. Each header that is injected takes memory; where there is none, the transfer goes without.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "jtrace/propagation.h"
#include "jtrace/tracer.h"

namespace jtrace::inline v1 {

// An argument, as StartOptions.
struct CurlOptions {
  // Left out: "HTTP", which becomes "HTTP GET" once libcurl says what it has sent. Samplers see the first.
  Text operation_name{""};
  Parent child_of{};
  Fields tags{};
};

namespace detail {

using CurlHeaders = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

inline bool append(CurlHeaders& list, const char* line) noexcept {
  curl_slist* longer = curl_slist_append(list.get(), line);
  if (!longer) return false;
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

// Is the line "name: value", or "name;" or "name:", as libcurl takes them?
inline bool is_header_line_of(std::string_view line, std::string_view name) noexcept {
  return line.size() > name.size() && (line[name.size()] == ':' || line[name.size()] == ';') &&
         curl_strnequal(line.data(), name.data(), name.size()) != 0;
}

// The user's lines and those of the context, which take the place of the user's. Null without memory.
inline CurlHeaders headers_with(const SpanContext& context, const curl_slist* own) {
  CurlHeaders injected(nullptr, curl_slist_free_all);
  bool is_whole = true;
  v1::inject(context, [&](std::string_view name, std::string_view value) {
    is_whole = append(injected, std::string(name).append(": ").append(value).c_str()) && is_whole;
  });
  CurlHeaders all(nullptr, curl_slist_free_all);
  for (; own; own = own->next) {
    bool is_replaced = false;
    for (const curl_slist* line = injected.get(); line && !is_replaced; line = line->next) {
      const std::string_view text = line->data;
      is_replaced = is_header_line_of(own->data, text.substr(0, text.find(':')));
    }
    if (!is_replaced) is_whole = append(all, own->data) && is_whole;
  }
  for (const curl_slist* line = injected.get(); line; line = line->next) is_whole = append(all, line->data) && is_whole;
  if (!is_whole) all.reset();
  return all;
}

// Empty where libcurl itself cannot read it.
inline std::string url_without_credentials(const char* url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parts(curl_url(), curl_url_cleanup);
  constexpr unsigned int lenient = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE;
  if (!parts || curl_url_set(parts.get(), CURLUPART_URL, url, lenient) != CURLUE_OK) return {};
  curl_url_set(parts.get(), CURLUPART_USER, nullptr, 0);
  curl_url_set(parts.get(), CURLUPART_PASSWORD, nullptr, 0);
  curl_url_set(parts.get(), CURLUPART_OPTIONS, nullptr, 0);
  char* text = nullptr;
  if (curl_url_get(parts.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
  return text;
}

template <class T>
T info_of(CURL* handle, CURLINFO what) noexcept {
  T value{};
  curl_easy_getinfo(handle, what, &value);
  return value;
}

}  // namespace detail

// The span of one transfer, and the headers that go with it: what curl_perform and CurlMulti are made of, for those who drive
// libcurl in yet another way. Made before the transfer, told by done() of its end; without that it was given up, which is an
// error. Must be gone, or done, before the handle is used for anything else or is freed.
class CurlTransfer {
 public:
  explicit CurlTransfer(CURL* handle, curl_slist* headers = nullptr, CurlOptions&& options = {})
      : handle_(handle),
        has_own_name_(!std::string_view(options.operation_name).empty()),
        span_(start(options)),
        own_headers_(headers),
        started_(std::chrono::system_clock::now()) {
    const SpanContext context = span_.context();
    if (!context.is_valid()) return;
    headers_ = detail::headers_with(context, headers);
    if (headers_) curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_.get());
    describe_request();
  }
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;
  ~CurlTransfer() { give_up("given up"); }

  // Once: the span ends, and the handle has the list of its user again.
  void done(CURLcode code) {
    if (std::exchange(is_done_, true)) return;
    if (span_.is_recording()) describe_answer(code);
    span_.finish();
    restore();
  }

  // In its place: the transfer was not made, or not to its end.
  void give_up(const char* why) noexcept {
    if (std::exchange(is_done_, true)) return;
    span_.set_error(why);
    span_.finish();
    restore();
  }

  Span& span() noexcept { return span_; }

 private:
  static Span start(const CurlOptions& options) {
    const std::string_view name = options.operation_name;
    return v1::start_span(name.empty() ? "HTTP" : name, {.child_of = options.child_of, .kind = Kind::client, .tags = options.tags});
  }

  void restore() noexcept {
    if (!headers_) return;
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, own_headers_);
    headers_.reset();
  }

  // Before the transfer libcurl's "effective" URL is the one that was set.
  void describe_request() {
    if (!span_.is_recording()) return;
    span_.set_tag("component", "libcurl");
    const char* url = detail::info_of<char*>(handle_, CURLINFO_EFFECTIVE_URL);
    if (url) set_url(url);
  }
  void set_url(const char* url) {
    if (const std::string bare = detail::url_without_credentials(url); !bare.empty()) span_.set_tag("http.url", bare);
  }

  void describe_answer(CURLcode code) {
    const char* method = detail::info_of<char*>(handle_, CURLINFO_EFFECTIVE_METHOD);
    if (method) {
      span_.set_tag("http.method", method);
      if (!has_own_name_) span_.set_operation_name(std::string("HTTP ") + method);
    }
    const long status = detail::info_of<long>(handle_, CURLINFO_RESPONSE_CODE);
    if (status > 0) span_.set_tag("http.status_code", status);
    const char* address = detail::info_of<char*>(handle_, CURLINFO_PRIMARY_IP);
    if (address && *address) {
      const bool is_ipv6 = std::string_view(address).find(':') != std::string_view::npos;
      const std::string port = std::to_string(detail::info_of<long>(handle_, CURLINFO_PRIMARY_PORT));
      span_.set_tag("peer.address", std::string(is_ipv6 ? "[" : "").append(address).append(is_ipv6 ? "]:" : ":").append(port));
    }
    log_moments(code);
    if (code != CURLE_OK) {
      span_.set_error(curl_easy_strerror(code));
    } else if (status >= 500) {
      span_.set_error();
    }
  }

  // What did not happen, as on a connection that stood already, is not logged.
  void log_moments(CURLcode code) {
    if (code != CURLE_OK || detail::info_of<long>(handle_, CURLINFO_NUM_CONNECTS) > 0) {
      log_moment("dns", CURLINFO_NAMELOOKUP_TIME_T);
      log_moment("connect", CURLINFO_CONNECT_TIME_T);
      log_moment("tls", CURLINFO_APPCONNECT_TIME_T);
    }
    log_moment("first_byte", CURLINFO_STARTTRANSFER_TIME_T);
    if (const long redirects = detail::info_of<long>(handle_, CURLINFO_REDIRECT_COUNT); redirects > 0) {
      const char* url = detail::info_of<char*>(handle_, CURLINFO_EFFECTIVE_URL);
      span_.log({{"event", "redirected"}, {"times", redirects}, {"http.url", detail::url_without_credentials(url ? url : "")}});
    }
  }
  void log_moment(const char* event, CURLINFO what) {
    const curl_off_t microseconds = detail::info_of<curl_off_t>(handle_, what);
    if (microseconds > 0) span_.log(event, {{"microseconds", microseconds}}, started_ + std::chrono::microseconds(microseconds));
  }

  CURL* handle_;
  bool has_own_name_;
  bool is_done_ = false;
  Span span_;
  curl_slist* own_headers_;
  detail::CurlHeaders headers_{nullptr, curl_slist_free_all};
  std::chrono::system_clock::time_point started_;
};

// curl_easy_perform, traced. The span is active meanwhile: what libcurl's callbacks start is below it.
inline CURLcode curl_perform(CURL* handle, curl_slist* headers, CurlOptions&& options = {}) {
  CurlTransfer transfer(handle, headers, std::move(options));
  const Scope scope = activate(transfer.span());
  const CURLcode code = curl_easy_perform(handle);
  transfer.done(code);
  return code;
}

// Traces transfers of a CURLM, which it borrows. What is still under way when it goes is removed from the CURLM, and given up.
class CurlMulti {
 public:
  explicit CurlMulti(CURLM* multi) noexcept : multi_(multi) {}
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;
  ~CurlMulti() {
    for (auto& [handle, transfer] : transfers_) curl_multi_remove_handle(multi_, handle);
  }

  CURLMcode add_handle(CURL* handle, curl_slist* headers, CurlOptions&& options = {}) {
    if (transfers_.count(handle) != 0) return CURLM_ADDED_ALREADY;
    auto transfer = std::make_unique<CurlTransfer>(handle, headers, std::move(options));
    const CURLMcode code = curl_multi_add_handle(multi_, handle);
    if (code == CURLM_OK) {
      transfers_[handle] = std::move(transfer);
    } else {
      transfer->give_up(curl_multi_strerror(code));
    }
    return code;
  }

  CURLMcode remove_handle(CURL* handle) {
    const CURLMcode code = curl_multi_remove_handle(multi_, handle);
    if (code == CURLM_OK) transfers_.erase(handle);
    return code;
  }

  CURLMsg* info_read(int* left) {
    CURLMsg* message = curl_multi_info_read(multi_, left);
    if (message && message->msg == CURLMSG_DONE) {
      if (auto transfer = transfers_.extract(message->easy_handle)) transfer.mapped()->done(message->data.result);
    }
    return message;
  }

  // Of a transfer that was added, and is neither done nor removed; inert for others.
  SpanRef span(CURL* handle) const {
    const auto found = transfers_.find(handle);
    return found == transfers_.end() ? SpanRef() : SpanRef(found->second->span());
  }

 private:
  CURLM* multi_;
  std::unordered_map<CURL*, std::unique_ptr<CurlTransfer>> transfers_;
};

}  // namespace jtrace::inline v1
