// Records: finished spans as the queue carries them, made by the library itself, for measuring the encoder alone.
#pragma once

#include <cstddef>
#include <vector>

#include "clock/tick_map.h"

namespace bench {

enum class Shape { root, child };

class Records {
 public:
  Records(Shape shape, int count);

  // One after the other, as in a chunk.
  const std::vector<const char*>& all() const { return records_; }

 private:
  std::vector<char> bytes_;
  std::vector<const char*> records_;
};

}  // namespace bench
