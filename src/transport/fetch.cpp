#include "transport/fetch.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <new>
#include <utility>

#include "jtrace/version.h"
#include "transport/reach.h"
#include "transport/secrets.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr int kOnce = 1000;  // milliseconds that one wait takes at most

long milliseconds(Nanoseconds time) noexcept {
  const auto count = std::chrono::ceil<std::chrono::milliseconds>(time).count();
  return static_cast<long>(std::clamp<std::int64_t>(count, 1, 1'000'000'000));
}

struct Freed {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  void operator()(curl_slist* lines) const noexcept { curl_slist_free_all(lines); }
};
using Lines = std::unique_ptr<curl_slist, Freed>;

class Fetch {
 public:
  explicit Fetch(const Settings& settings) : settings_(settings), easy_(curl_easy_init()), multi_(curl_multi_init(), curl_multi_cleanup) {
    if (!easy_ || !multi_) throw std::bad_alloc();
    configure();
    is_added_ = curl_multi_add_handle(multi_.get(), easy_.get()) == CURLM_OK;
  }
  ~Fetch() {
    if (is_added_) curl_multi_remove_handle(multi_.get(), easy_.get());
  }
  Fetch(const Fetch&) = delete;

  Fetched run(int stop_descriptor) {
    curl_waitfd stop{stop_descriptor, CURL_WAIT_POLLIN, 0};
    int running = 1;
    while (is_added_ && curl_multi_perform(multi_.get(), &running) == CURLM_OK && running != 0) {
      if (curl_multi_poll(multi_.get(), &stop, 1, kOnce, nullptr) != CURLM_OK) break;
      if (stop.revents != 0) return {Fetched::End::stopped, {}, {}};
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
    return end(message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_OUT_OF_MEMORY);
  }

 private:
  void configure() {
    set_reach(easy_.get(), settings_);
    curl_slist* own = nullptr;
    append_own_headers(own, settings_);
    headers_.reset(own);
    connect_to_.reset(connect_to(settings_));
    const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_.get(), option, value); };
    set(CURLOPT_HTTPGET, 1L);
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_CONNECT_TO, connect_to_.get());
    set(CURLOPT_USERAGENT, "jtrace/" JTRACE_VERSION);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(settings_.connect_timeout));
    set(CURLOPT_TIMEOUT_MS, milliseconds(settings_.request_timeout));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEFUNCTION, &Fetch::take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  }

  Fetched end(CURLcode code) {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (has_no_memory_) throw std::bad_alloc();
    if (code == CURLE_OK && status == 200) return {Fetched::End::answered, std::move(body_), {}};
    const std::string why = is_too_large_        ? "the answer is larger than 2 MiB"
                            : code == CURLE_OK   ? "answered " + std::to_string(status)
                            : error_[0] != '\0' ? std::string(error_.data())
                                                 : std::string(curl_easy_strerror(code));
    return {Fetched::End::failed, {}, Secrets(settings_).hide(settings_.endpoint.shown + ": " + why)};
  }

  static std::size_t take(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
    auto& fetch = *static_cast<Fetch*>(self);
    fetch.is_too_large_ = fetch.body_.size() + size * count > kMostFetched;
    if (fetch.is_too_large_) return 0;
    try {
      fetch.body_.append(bytes, size * count);
    } catch (const std::bad_alloc&) {
      fetch.has_no_memory_ = true;
      return 0;
    }
    return size * count;
  }

  const Settings& settings_;
  const std::unique_ptr<CURL, Freed> easy_;
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;
  Lines headers_, connect_to_;
  bool is_added_ = false, is_too_large_ = false, has_no_memory_ = false;
  std::string body_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace

Fetched fetch(const Settings& settings, int stop_descriptor) { return Fetch(settings).run(stop_descriptor); }

}  // namespace jtrace::inline v1::detail
