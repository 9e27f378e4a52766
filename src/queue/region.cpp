#include "queue/region.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace jtrace::inline v1::detail {
namespace {

constexpr int kProtection = PROT_READ | PROT_WRITE;
constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

std::size_t page_size() noexcept { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

// For kernels without MADV_WIPEONFORK: what the child has to map afresh.
struct Mapped {
  void* data;
  std::size_t size;
};
constexpr std::size_t kMostMapped = 1024;
Mapped mapped[kMostMapped];
std::atomic<std::size_t> mapped_count{0};

void map_afresh() {
  const std::size_t count = mapped_count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count && i < kMostMapped; ++i)
    mmap(mapped[i].data, mapped[i].size, kProtection, kAnonymous | MAP_FIXED, -1, 0);
}

bool wipe_by_handler(void* data, std::size_t size) noexcept {
  static std::atomic<bool> registered{false};
  if (!registered.exchange(true) && pthread_atfork(nullptr, nullptr, map_afresh) != 0) return false;
  const std::size_t at = mapped_count.load(std::memory_order_relaxed);
  if (at >= kMostMapped) return false;
  mapped[at] = {data, size};
  mapped_count.store(at + 1, std::memory_order_release);
  return true;
}

}  // namespace

Region::Region(std::size_t bytes) noexcept {
  const std::size_t page = page_size();
  const std::size_t size = (bytes + page - 1) / page * page;
  void* data = mmap(nullptr, size, kProtection, kAnonymous, -1, 0);
  if (data == MAP_FAILED) return;
  if (madvise(data, size, MADV_WIPEONFORK) != 0 && !wipe_by_handler(data, size)) {
    munmap(data, size);
    return;
  }
  madvise(data, size, MADV_NOHUGEPAGE);  // without huge pages in the kernel it fails, which is as good
  data_ = static_cast<char*>(data);
  size_ = size;
}

void Region::populate(std::size_t offset, std::size_t bytes) const noexcept {
  const std::size_t first = offset / page_size() * page_size();
  madvise(data_ + first, offset + bytes - first, MADV_POPULATE_WRITE);
}

void Region::discard(std::size_t offset, std::size_t bytes) const noexcept {
  const std::size_t page = page_size();
  const std::size_t first = (offset + page - 1) / page * page, end = (offset + bytes) / page * page;
  if (first < end) madvise(data_ + first, end - first, MADV_DONTNEED);  // the kernel rounds up, into what others use
}

}  // namespace jtrace::inline v1::detail
