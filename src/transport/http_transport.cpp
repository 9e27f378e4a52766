#include "transport/http_transport.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "jtrace/version.h"
#include "transport/partial_success.h"
#include "transport/reach.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kSuspectBytes = 1 << 20;  // a larger body may be why a connection was reset
constexpr long kUploadBuffer = 512 * 1024;  // 64 KiB costs a factor 2.6 on bodies of 1 MiB

constexpr int kWithoutMemory = 10;  // milliseconds until libcurl may have more luck

// Their shapes, with 0 for any digit.
constexpr std::string_view kStatusLines[] = {"HTTP/0.0 000", "HTTP/0 000"};

long milliseconds(Nanoseconds time) noexcept {
  const auto count = std::chrono::ceil<std::chrono::milliseconds>(time).count();
  return static_cast<long>(std::clamp<std::int64_t>(count, 1, 1'000'000'000));
}

ino_t number_of(curl_socket_t descriptor) noexcept {
  struct stat about{};
  return fstat(descriptor, &about) == 0 && S_ISSOCK(about.st_mode) ? about.st_ino : 0;
}

// Of the 5xx, those that its specification calls retryable.
bool is_passing_for_otlp(long status) noexcept { return status == 502 || status == 503 || status == 504; }

// Is that what a Content-Type header names, with or without parameters?
bool is_media_type(std::string_view header, std::string_view wanted) noexcept {
  const std::string_view type = header.substr(0, header.find_first_of("; \t"));
  return std::equal(type.begin(), type.end(), wanted.begin(), wanted.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
  });
}

// Ended by the far side in the middle: what some do to a body that is too large for them.
bool is_reset(CURLcode code) noexcept { return code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING; }

// "HTTP/1.1 202 Accepted", "HTTP/2 202". curl takes "HTTP/x 500" and the like for an answer of 200.
bool is_status_line(std::string_view line) noexcept {
  std::array<char, 13> shape{};  // longer than the longest of them
  const std::size_t size = line.substr(0, shape.size()).find_last_not_of("\r\n") + 1;
  std::transform(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(size), shape.begin(),
                 [](char c) { return c >= '0' && c <= '9' ? '0' : c; });
  const std::string_view beginning(shape.data(), size);
  return std::any_of(std::begin(kStatusLines), std::end(kStatusLines), [&](std::string_view known) {
    return beginning.starts_with(known) && (size == known.size() || beginning[known.size()] == ' ');
  });
}

// One line for the log, whatever the server sent.
std::string printable(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, 200)) {
    if (c == '\n' || c == '\r') break;
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return line;
}

}  // namespace

void begin_curl() noexcept {
  static bool begun = false;
  if (!begun) begun = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

HttpTransport::HttpTransport(const Settings& settings, Bare) : protocol_(settings.protocol), shown_url_(settings.endpoint.shown), secrets_(settings) {}

HttpTransport::HttpTransport(const Settings& settings) : HttpTransport(settings, Bare()) {
  multi_ = curl_multi_init();
  easy_ = curl_easy_init();
  if (!multi_ || !easy_) throw std::bad_alloc();
  answer_.reserve(256);
  configure(settings);
}

HttpTransport::~HttpTransport() {
  abort();
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
  curl_slist_free_all(connect_to_);
  curl_slist_free_all(headers_);
}

void HttpTransport::configure(const Settings& settings) {
  set_reach(easy_, settings);
  headers_ = request_headers(settings);
  connect_to_ = connect_to(settings);
  packed_header_ = {gzip_text_.data(), headers_};
  if (settings.gzip) gzip_.emplace(static_cast<std::size_t>(settings.max_batch_bytes));
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_, option, value); };
  set(CURLOPT_CONNECT_TO, connect_to_);
  set(CURLOPT_USERAGENT, "jtrace/" JTRACE_VERSION);
  set(CURLOPT_POST, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, milliseconds(settings.request_timeout));
  set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_HEADERFUNCTION, &HttpTransport::take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &HttpTransport::take_answer);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &HttpTransport::open_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(CURLOPT_CLOSESOCKETFUNCTION, &HttpTransport::close_socket);
  set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(this));
}

// Until May 2023 libcurl kept a pointer to the last header of a handle's last transfer, freed by then, and wrote through it when the
// next answer began with a folded header (curl's pull request 11103). A fresh handle has none; the connection is the multi handle's
// and stays.
bool HttpTransport::renew() noexcept {
  constexpr unsigned kRepaired = 0x080200;  // 8.2.0, of July 2023
  if (curl_version_info(CURLVERSION_NOW)->version_num >= kRepaired) return true;
  CURL* fresh = curl_easy_duphandle(easy_);
  if (!fresh) return false;
  curl_easy_cleanup(std::exchange(easy_, fresh));
  return true;
}

void HttpTransport::submit(std::string_view body) noexcept {
  answer_.clear();
  answer_size_ = 0;
  is_malformed_ = false;
  error_[0] = '\0';
  body_size_ = body.size();
  const bool is_new = renew();
  set_body(body);
  if (!multi_) multi_ = curl_multi_init();
  is_active_ = multi_ && is_new && curl_multi_add_handle(multi_, easy_) == CURLM_OK;
  failed_early_ = is_active_ ? Outcome::none : Outcome::unreachable;
}

void HttpTransport::set_body(std::string_view body) noexcept {
  const std::string_view packed = gzip_ ? gzip_->pack(body) : std::string_view();
  const std::string_view sent = packed.empty() ? body : packed;
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, packed.empty() ? headers_ : &packed_header_);
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent.size()));
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, sent.data());
}

Answer HttpTransport::poll() noexcept {
  if (failed_early_ != Outcome::none) return std::exchange(failed_early_, Outcome::none);
  if (!is_active_) return Outcome::none;
  int left = 0;
  if (curl_multi_perform(multi_, &left) != CURLM_OK) return begin_again();
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const Answer answer = answer_to(message->data.result);
    curl_multi_remove_handle(multi_, easy_);
    is_active_ = false;
    start_afresh(answer.next == Answer::Next::try_again);
    return answer;
  }
  return Outcome::none;
}

void HttpTransport::wait(int wake_descriptor, std::int64_t nanoseconds) noexcept {
  if (failed_early_ != Outcome::none) return;
  curl_waitfd wake{wake_descriptor, CURL_WAIT_POLLIN, 0};
  const auto wait = static_cast<int>(std::min<std::int64_t>((nanoseconds + 999'999) / 1'000'000, 3'600'000));
  if (multi_ && curl_multi_poll(multi_, &wake, 1, wait, nullptr) == CURLM_OK) return;
  pollfd alone{wake_descriptor, POLLIN, 0};
  ::poll(&alone, 1, std::min(wait, kWithoutMemory));
}

// libcurl had no memory in the midst of its books: in some versions it divides by zero when it comes back to them. A multi handle of
// the same kind, and without connections, takes its place.
Answer HttpTransport::begin_again() noexcept {
  abort();
  curl_multi_cleanup(std::exchange(multi_, nullptr));
  describe(CURLE_OUT_OF_MEMORY, 0);
  return Outcome::unreachable;
}

void HttpTransport::abort() noexcept {
  if (!is_active_) return;
  curl_multi_remove_handle(multi_, easy_);
  is_active_ = false;
}

void HttpTransport::abandon() noexcept {
  for (OpenSocket& open : sockets_) {
    if (open.descriptor != CURL_SOCKET_BAD && number_of(open.descriptor) == open.number) ::close(open.descriptor);
    open = {};
  }
}

void HttpTransport::start_afresh(bool is_afresh) noexcept {
  constexpr long kLibcurlsOwn = 60;  // seconds
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, is_afresh ? 1L : 0L);
  curl_easy_setopt(easy_, CURLOPT_DNS_CACHE_TIMEOUT, is_afresh ? 0L : kLibcurlsOwn);
}

Answer HttpTransport::answer_to(CURLcode code) noexcept {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  // An answer that never ends was cut off by take_answer: its status counts all the same.
  const bool is_whole = code == CURLE_OK || (code == CURLE_WRITE_ERROR && answer_size_ > kAnswerBytes);
  const bool has_answer = is_whole && !is_malformed_;
  const bool is_success = has_answer && status >= 200 && status < 300;
  // A collector answers 202 and nothing else; a proxy or gateway may say 200 or 204. A page comes from something that
  // swallows every POST, such as Jaeger's UI.
  if (is_success && !has_page()) return answer_to_success();
  describe(code, has_answer ? status : 0);
  if (has_answer) return answer_to_status(status);
  if (code == CURLE_OPERATION_TIMEDOUT) return Outcome::timeout;
  Answer answer = Outcome::unreachable;
  answer.is_nobody_there = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY;
  if (is_reset(code) && body_size_ > kSuspectBytes) answer.next = Answer::Next::halve;
  return answer;
}

Answer HttpTransport::answer_to_success() const noexcept {
  Answer answer = Outcome::acknowledged;
  if (is_otlp(protocol_)) answer.refused = rejected_spans(answer_, protocol_);
  return answer;
}

Answer HttpTransport::answer_to_status(long status) const noexcept {
  constexpr long kRequestTimeout = 408, kTooLarge = 413, kTooMany = 429;
  Answer answer = status >= 500 && status < 600 ? Outcome::server_error : Outcome::rejected;
  if (status == kRequestTimeout || status == kTooMany) answer.next = Answer::Next::try_again;
  if (status == kTooLarge) answer.next = Answer::Next::halve;
  if (is_otlp(protocol_) && answer.outcome == Outcome::server_error && !is_passing_for_otlp(status)) answer.next = Answer::Next::settle;
  constexpr curl_off_t kLongestWait = 24 * 3600;
  curl_off_t seconds = 0;
  if (curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK)
    answer.retry_after = std::min(seconds, kLongestWait) * 1'000'000'000;
  return answer;
}

bool HttpTransport::has_page() const noexcept {
  const char* type = nullptr;
  return curl_easy_getinfo(easy_, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type &&
         is_media_type(type, "text/html");
}

void HttpTransport::describe(CURLcode code, long status) noexcept {
  try {
    std::string trouble;
    if (status >= 200 && status < 300) {
      trouble = shown_url_ + " answered " + std::to_string(status) +
                 " with an HTML page: that is no collector; spans go to port 14268, path /api/traces";
    } else if (status != 0) {
      const std::string body = printable(answer_);
      trouble = shown_url_ + " answered " + std::to_string(status) + (body.empty() ? "" : ": " + body);
    } else if (code == CURLE_OK) {
      trouble = shown_url_ + ": the answer has no HTTP status";
    } else {
      trouble = shown_url_ + ": " + (error_[0] != '\0' ? error_.data() : curl_easy_strerror(code));
    }
    trouble_ = secrets_.hide(std::move(trouble));
  } catch (const std::bad_alloc&) {
    trouble_.clear();
  }
}

std::size_t HttpTransport::take_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::string_view line(bytes, size * count);
  // In any case of letters, as curl.
  const bool claims_status = line.size() > 5 && curl_strnequal(bytes, "HTTP/", 5);
  if (claims_status && !is_status_line(line)) static_cast<HttpTransport*>(self)->is_malformed_ = true;
  return line.size();
}

std::size_t HttpTransport::take_answer(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transport = *static_cast<HttpTransport*>(self);
  const std::size_t all = size * count;
  const std::size_t kept = std::min(all, transport.answer_.capacity() - transport.answer_.size());
  transport.answer_.append(bytes, kept);
  transport.answer_size_ += all;
  return transport.answer_size_ > kAnswerBytes ? 0 : all;
}

curl_socket_t HttpTransport::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  const curl_socket_t made = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (OpenSocket* place = static_cast<HttpTransport*>(self)->find(CURL_SOCKET_BAD)) *place = {made, number_of(made)};
  return made;
}

int HttpTransport::close_socket(void* self, curl_socket_t socket) {
  if (OpenSocket* place = static_cast<HttpTransport*>(self)->find(socket)) *place = {};
  return ::close(socket);
}

HttpTransport::OpenSocket* HttpTransport::find(curl_socket_t descriptor) noexcept {
  auto* found = std::find_if(sockets_.begin(), sockets_.end(),
                             [&](const OpenSocket& open) { return open.descriptor == descriptor; });
  return found == sockets_.end() ? nullptr : found;
}

}  // namespace jtrace::inline v1::detail
