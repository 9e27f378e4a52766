// HttpTransport: POSTs batches to a collector's /api/traces, by libcurl's multi interface.
//
// One connection, kept alive where the server allows it; a server that closes after each answer, as Jaeger does since
// v1.76, is normal. How the collector is reached, with TLS, login, proxy and headers, is set by reach.h.
// Nothing here blocks except wait(), and abort() ends a transfer at once, also a hanging name look-up. Used by the
// reporter's thread; construction may happen on another.
#pragma once

#include <curl/curl.h>
#include <sys/types.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "transport/gzip.h"
#include "transport/secrets.h"
#include "transport/transport.h"

namespace jtrace::inline v1::detail {

// Before any thread that uses curl is started, and before the handler for the process's exit is registered. By one thread
// at a time.
void begin_curl() noexcept;

class HttpTransport final : public Transport {
 public:
  explicit HttpTransport(const Settings& settings);
  ~HttpTransport() override;

  void submit(std::string_view body) noexcept override;
  Answer poll() noexcept override;
  void wait(int wake_descriptor, std::int64_t nanoseconds) noexcept override;
  void abort() noexcept override;
  void abandon() noexcept override;
  const std::string& trouble() const noexcept override { return trouble_; }

 private:
  static constexpr std::size_t kAnswerBytes = 64 * 1024;  // more than that nobody needs to read
  static constexpr std::size_t kSockets = 16;
  // The number tells which socket it is: in a forked child the descriptor may name something else by now.
  struct OpenSocket {
    curl_socket_t descriptor = CURL_SOCKET_BAD;
    ino_t number = 0;
  };

  // Not configured yet; from here on the destructor lets go of what there is.
  struct Bare {};
  HttpTransport(const Settings& settings, Bare);
  void configure(const Settings& settings);
  bool renew() noexcept;
  Answer begin_again() noexcept;
  void set_body(std::string_view body) noexcept;
  Answer answer_to(CURLcode code) noexcept;
  Answer answer_to_status(long status) const noexcept;
  // The next attempt makes a connection of its own, to whatever address the host has by then.
  void start_afresh(bool is_afresh) noexcept;
  // With OTLP a batch may be taken in part, and which statuses may pass is said more narrowly.
  Answer answer_to_success() const noexcept;
  // Was the last answer a page for people?
  bool has_page() const noexcept;
  void describe(CURLcode code, long status) noexcept;

  OpenSocket* find(curl_socket_t descriptor) noexcept;
  static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t take_answer(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address);
  static int close_socket(void* self, curl_socket_t socket);

  CURLM* multi_ = nullptr;  // null where there was no memory for it
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  curl_slist* connect_to_ = nullptr;
  std::string gzip_text_ = "Content-Encoding: gzip";
  curl_slist packed_header_{};  // our own node, with headers_ behind it
  std::optional<Gzip> gzip_;
  bool is_active_ = false;
  std::size_t body_size_ = 0;  // of the transfer under way
  Outcome failed_early_ = Outcome::none;
  const Protocol protocol_;
  std::string shown_url_;
  Secrets secrets_;
  bool is_malformed_ = false;  // a status line of the answer is none
  std::string answer_;  // the beginning of the body
  std::size_t answer_size_ = 0;
  std::string trouble_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::array<OpenSocket, kSockets> sockets_{};  // for abandon()
};

}  // namespace jtrace::inline v1::detail
