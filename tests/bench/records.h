// Records: finished spans as the queue carries them, made by the library itself, for measuring the encoder alone.
#pragma once

#include <cstddef>
#include <vector>

#include "record/record_view.h"

namespace bench {

enum class Shape { root, child };

class Records {
 public:
  Records(Shape shape, int count);

  // One after the other, as in a chunk.
  const std::vector<const char*>& all() const { return records_; }
  // The same as the reporter gets them: somewhat less than a chunk at a time.
  static constexpr int kPerRun = 25;
  const std::vector<jtrace::detail::Run>& runs() const { return runs_; }

 private:
  std::vector<char> bytes_;
  std::vector<const char*> records_;
  std::vector<jtrace::detail::Run> runs_;
};

}  // namespace bench
