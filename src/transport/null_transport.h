// NullTransport: nothing leaves the process. Batches are acknowledged at once, but for the spans of which the program's own
// reporters could not take any; those are counted as rejected. Used by the reporter's thread.
#pragma once

#include "transport/transport.h"

namespace jtrace::inline v1::detail {

class NullTransport final : public Transport {
 public:
  void submit(std::string_view) noexcept override { is_active_ = true; }
  Answer poll() noexcept override;
  void wait(int wake_descriptor, std::int64_t nanoseconds) noexcept override;
  void abort() noexcept override { is_active_ = false; }
  void abandon() noexcept override {}
  const std::string& trouble() const noexcept override { return trouble_; }

 private:
  bool is_active_ = false;
  std::string trouble_;
};

}  // namespace jtrace::inline v1::detail
