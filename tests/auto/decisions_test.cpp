// The table of decisions: whoever asks, whenever, gets the same answer, also while it grows. A breach shows as two names for one
// function, and under ThreadSanitizer.
#include "auto/decisions.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

using jtrace::automatic::find;
using jtrace::automatic::Name;

namespace decided {
[[gnu::noinline, gnu::used]] void traced() {}
[[gnu::noinline, gnu::used]] void left_out() {}
}  // namespace decided

namespace {

// Nobody's functions: they have no names.
const void* nobody(std::uintptr_t number) { return reinterpret_cast<const void*>(number * 16); }

const Name* ask_for_all() {
  for (std::uintptr_t number = 1; number <= 5'000; ++number) {
    if (find(nobody(number))) return nullptr;
  }
  return find(reinterpret_cast<const void*>(&decided::traced));
}

}  // namespace

TEST_CASE("many threads that ask at once, while the table grows, get the same answers") {
  setenv("JTRACE_INSTRUMENT", "decided::*;!decided::left_out", 1);
  std::vector<const Name*> answers(8);
  {
    std::vector<std::jthread> threads;
    for (const Name*& answer : answers) threads.emplace_back([&answer] { answer = ask_for_all(); });
  }
  for (const Name* answer : answers) {
    REQUIRE(answer);
    CHECK(answer == answers[0]);
  }
  CHECK(answers[0]->text == "decided::traced");
  CHECK_FALSE(find(reinterpret_cast<const void*>(&decided::left_out)));
  unsetenv("JTRACE_INSTRUMENT");
}

TEST_CASE("after a library went, what was decided is decided anew") {
  const Name* const before = find(reinterpret_cast<const void*>(&decided::traced));
  jtrace::automatic::forget_decisions();
  const Name* const after = find(reinterpret_cast<const void*>(&decided::traced));
  REQUIRE(after);
  CHECK(after != before);
  CHECK(after->text == before->text);
}
