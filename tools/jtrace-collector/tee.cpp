#include "tee.h"

#include <curl/curl.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace jtrace::collector {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

using Url = std::unique_ptr<CURLU, decltype([](CURLU* url) { curl_url_cleanup(url); })>;
using Easy = std::unique_ptr<CURL, decltype([](CURL* easy) { curl_easy_cleanup(easy); })>;
using Multi = std::unique_ptr<CURLM, decltype([](CURLM* multi) { curl_multi_cleanup(multi); })>;
using Headers = std::unique_ptr<curl_slist, decltype([](curl_slist* list) { curl_slist_free_all(list); })>;

std::string part(const Url& url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

std::size_t ignore_answer(char*, std::size_t one, std::size_t count, void*) { return one * count; }

// The other collector: one request at a time, over libcurl.
class Sender {
 public:
  Sender(const std::string& url, std::chrono::milliseconds timeout);
  // Nothing when the batch was taken, else why not. Gives up at once when `is_over` says so.
  std::optional<std::string> send(const std::string& body, const std::function<bool()>& is_over);
  // Ends the wait of `send`; any thread.
  void wake() { curl_multi_wakeup(multi_.get()); }

 private:
  static std::optional<std::string> outcome(CURL* easy, CURLcode code);

  Headers headers_;
  Easy easy_;  // what every request's handle is a copy of
  Multi multi_;
};

Sender::Sender(const std::string& url, std::chrono::milliseconds timeout)
    : headers_(curl_slist_append(nullptr, "Content-Type: application/x-thrift")),
      easy_(curl_easy_init()),
      multi_(curl_multi_init()) {
  if (!headers_ || !easy_ || !multi_) throw std::bad_alloc();
  curl_slist_append(headers_.get(), "Expect:");
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_.get(), option, value); };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  set(CURLOPT_WRITEFUNCTION, &ignore_answer);
}

std::optional<std::string> Sender::send(const std::string& body, const std::function<bool()>& is_over) {
  // A handle that was used before may be spoilt by the next answer: libcurl before 8.2.0 keeps a freed header in it.
  const Easy easy(curl_easy_duphandle(easy_.get()));
  if (!easy) return "no memory";
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, body.data());
  curl_multi_add_handle(multi_.get(), easy.get());
  std::optional<std::string> problem = "no time left";
  while (!is_over()) {
    int left = 0;
    curl_multi_perform(multi_.get(), &left);
    if (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      problem = outcome(easy.get(), message->data.result);
      break;
    }
    // Short, since the end of the grace wakes nobody.
    curl_multi_poll(multi_.get(), nullptr, 0, 50, nullptr);
  }
  curl_multi_remove_handle(multi_.get(), easy.get());
  return problem;
}

std::optional<std::string> Sender::outcome(CURL* easy, CURLcode code) {
  if (code != CURLE_OK) return curl_easy_strerror(code);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (status / 100 == 2) return std::nullopt;
  return "answered " + std::to_string(status);
}

}  // namespace

struct Tee::Impl {
  Impl(std::string given_url, Complain given_complain, Limits given_limits)
      : url(std::move(given_url)), complain(std::move(given_complain)), limits(given_limits), sender(url, limits.timeout) {}

  void run();
  std::optional<std::string> take();
  bool is_over() const;
  void note(const std::optional<std::string>& problem);

  const std::string url;
  const Complain complain;
  const Limits limits;

  mutable std::mutex mutex;
  std::condition_variable wake;
  // Guarded by mutex. The bytes are those of the queue and of the batch under way.
  std::deque<std::string> pending;
  std::size_t pending_bytes = 0;
  TeeCounts counts;
  std::optional<Clock::time_point> deadline;  // set: to end when nothing is pending, by then at the latest

  // The tee's thread only.
  Sender sender;
  bool is_failing = false;
  std::uint64_t lost_before = 0;
  std::thread thread;
};

bool Tee::Impl::is_over() const {
  const std::lock_guard lock(mutex);
  return deadline && Clock::now() >= *deadline;
}

// Waits for a batch. Nothing when it is to end.
std::optional<std::string> Tee::Impl::take() {
  std::unique_lock lock(mutex);
  wake.wait(lock, [this] { return deadline || !pending.empty(); });
  if (deadline && Clock::now() >= *deadline) {
    counts.dropped += pending.size();
    pending.clear();
  }
  if (pending.empty()) return std::nullopt;
  std::string body = std::move(pending.front());
  pending.pop_front();
  return body;
}

void Tee::Impl::run() {
  while (const auto body = take()) {
    const auto problem = sender.send(*body, [this] { return is_over(); });
    {
      const std::lock_guard lock(mutex);
      pending_bytes -= body->size();
      ++(problem ? counts.failed : counts.passed);
    }
    note(problem);
  }
}

// Says when it begins to fail and when that is over, not in between.
void Tee::Impl::note(const std::optional<std::string>& problem) {
  if (problem.has_value() == is_failing) return;
  is_failing = problem.has_value();
  if (is_failing) return complain("--tee " + url + ": " + *problem + "; what is not taken is lost and counted");
  TeeCounts now;
  {
    const std::lock_guard lock(mutex);
    now = counts;
  }
  const std::uint64_t lost = now.failed + now.dropped;
  complain("--tee " + url + ": batches are taken again; lost: " + std::to_string(lost - std::exchange(lost_before, lost)));
}

std::optional<std::string> parse_tee_url(const std::string& text) {
  const bool is_printable = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c != 0x7f; });
  const bool has_host = text.starts_with("http://") || text.starts_with("https://");
  if (!is_printable || !has_host || text.find("://") + 3 == text.size() || text[text.find("://") + 3] == '/') return std::nullopt;
  const Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const std::string path = part(url, CURLUPART_PATH);
  if (path.empty() || path == "/") curl_url_set(url.get(), CURLUPART_PATH, "/api/traces", 0);
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  return part(url, CURLUPART_URL);
}

Tee::Tee(std::string url, Complain complain, Limits limits)
    : impl_(std::make_unique<Impl>(std::move(url), std::move(complain), limits)) {
  impl_->thread = std::thread([this] { impl_->run(); });
}

Tee::~Tee() { stop(0ms); }

void Tee::push(const std::string& body) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (body.size() > impl_->limits.max_pending_bytes - impl_->pending_bytes) {
      ++impl_->counts.dropped;
      return;
    }
    impl_->pending.push_back(body);
    impl_->pending_bytes += body.size();
  }
  impl_->wake.notify_one();
}

void Tee::stop(std::chrono::milliseconds grace) {
  if (!impl_->thread.joinable()) return;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->deadline = Clock::now() + grace;
  }
  impl_->wake.notify_one();
  impl_->sender.wake();
  impl_->thread.join();
}

TeeCounts Tee::counts() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counts;
}

}  // namespace jtrace::collector
