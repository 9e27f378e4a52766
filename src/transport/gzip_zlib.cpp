#include <zlib.h>

#include <new>
#include <vector>

#include "transport/gzip.h"

namespace jtrace::inline v1::detail {

struct Gzip::Work {
  z_stream stream{};
  std::vector<char> packed;
  ~Work() { deflateEnd(&stream); }
};

bool Gzip::is_built_in() noexcept { return true; }

Gzip::Gzip(std::size_t max_body) : work_(std::make_unique<Work>()) {
  constexpr int kGzipWindow = 15 + 16;  // the largest window, and gzip's header and end
  constexpr int kMemory = 8;            // zlib's default
  // The quickest level: batches are full of repetitions, and the host's time is dearer than the wire's.
  if (deflateInit2(&work_->stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  work_->packed.resize(deflateBound(&work_->stream, max_body));
}

Gzip::~Gzip() = default;

std::string_view Gzip::pack(std::string_view body) noexcept {
  z_stream& stream = work_->stream;
  deflateReset(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(work_->packed.data());
  stream.avail_out = static_cast<uInt>(work_->packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return {};
  return {work_->packed.data(), stream.total_out};
}

}  // namespace jtrace::inline v1::detail
