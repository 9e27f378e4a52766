#include "transport/name_lookup.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include "core/thread.h"

namespace jtrace::inline v1::detail {
namespace {

Found look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  if (const int failed = getaddrinfo(host.c_str(), port.c_str(), &wanted, &list); failed != 0)
    return {{}, failed == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(failed)};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
  Found found;
  for (const addrinfo* at = list; at; at = at->ai_next) {
    Address address;
    if (at->ai_addrlen > sizeof address.bytes) continue;
    std::memcpy(&address.bytes, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    found.addresses.push_back(address);
  }
  return found;
}

}  // namespace

bool Address::operator==(const Address& other) const noexcept {
  return size == other.size && std::memcmp(&bytes, &other.bytes, size) == 0;
}

std::optional<Address> numeric_address(const std::string& host, std::uint16_t port) {
  const Found found = look_up(host, std::to_string(port), AI_NUMERICHOST);
  if (found.addresses.empty()) return std::nullopt;
  return found.addresses.front();
}

struct NameLookup::Task {
  Task(std::string wanted, std::uint16_t at) : host(std::move(wanted)), port(std::to_string(at)), done(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Task() { ::close(done); }

  const std::string host, port;
  const int done;
  Found found;
  std::atomic<bool> is_done{false};
};

bool NameLookup::start(const std::string& host, std::uint16_t port) noexcept {
  if (task_) return false;
  try {
    auto task = std::make_shared<Task>(host, port);
    auto own = std::make_unique<std::shared_ptr<Task>>(task);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread{};
    const bool is_started = pthread_create(&thread, nullptr, run, own.get()) == 0;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (!is_started) return false;
    pthread_detach(thread);
    static_cast<void>(own.release());
    task_ = std::move(task);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void* NameLookup::run(void* task) {
  block_this_thread();
  pthread_setname_np(pthread_self(), "jtrace-names");
  const std::unique_ptr<std::shared_ptr<Task>> own(static_cast<std::shared_ptr<Task>*>(task));
  Task& here = **own;
  try {
    here.found = look_up(here.host, here.port, AI_ADDRCONFIG);
  } catch (const std::bad_alloc&) {
  }
  here.is_done.store(true, std::memory_order_release);  // pairs with the acquire in take
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(here.done, &one, sizeof one);
  return nullptr;
}

std::optional<Found> NameLookup::take() noexcept {
  if (!task_ || !task_->is_done.load(std::memory_order_acquire)) return std::nullopt;
  std::optional<Found> found(std::move(task_->found));
  task_.reset();
  return found;
}

int NameLookup::descriptor() const noexcept { return task_ ? task_->done : -1; }

}  // namespace jtrace::inline v1::detail
