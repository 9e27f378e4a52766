// Gzip: bodies made smaller for collectors that understand `Content-Encoding: gzip`, which Jaeger v1 does not. zlib does
// the work; where jtrace is built without it (gzip_none.cpp), this is never made. Used by the reporter's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace jtrace::inline v1::detail {

class Gzip {
 public:
  static bool is_built_in() noexcept;

  // Takes all memory that it will need for bodies of that size. Throws std::bad_alloc.
  explicit Gzip(std::size_t max_body);
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  // Valid until the next call. Empty if it cannot be done, since the body is larger than announced.
  std::string_view pack(std::string_view body) noexcept;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace jtrace::inline v1::detail
