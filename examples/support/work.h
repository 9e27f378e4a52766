// time.sleep(randint(1, 9) * 0.1), as the tutorial's programs pretend to work.
#pragma once

#include <chrono>
#include <random>
#include <thread>

namespace example {

inline void work_a_while() {
  thread_local std::mt19937 random{std::random_device{}()};
  std::this_thread::sleep_for(std::uniform_int_distribution(1, 9)(random) * std::chrono::milliseconds(100));
}

}  // namespace example
