// The batches between encoder and transport: their order, the budget and what it takes out, and that spare ones are used again.
#include "reporter/batch_line.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

namespace {

using jtrace::detail::Batch;
using jtrace::detail::BatchLine;

constexpr std::int64_t kMiB = 1 << 20;

// A batch of so many spans and bytes, at the end of the line.
void add(BatchLine& line, std::uint32_t spans, std::size_t bytes = 1000) {
  Batch* batch = line.begin();
  REQUIRE(batch);
  CHECK(batch->spans == 0);
  CHECK(batch->body.size() == 0);
  REQUIRE(batch->body.reserve(bytes));
  batch->body.end_at(batch->body.end() + bytes);
  batch->spans = spans;
  line.finish(5);
}

}  // namespace

TEST_CASE("batches leave in the order in which they were built") {
  BatchLine line(kMiB);
  CHECK(line.is_empty());
  for (std::uint32_t i = 1; i <= 10; ++i) add(line, i);
  CHECK(line.size() == 10);
  CHECK(line.spans() == 55);
  for (std::uint32_t i = 1; i <= 10; ++i) {
    CHECK(line.first().spans == i);
    CHECK(line.first().number == i - 1);
    CHECK(line.oldest() == i - 1);
    CHECK(line.first().built == 5);
    line.pop_first();
  }
  CHECK(line.is_empty());
  CHECK(line.size() == 0);
  CHECK(line.oldest() == line.next_number());
}

TEST_CASE("an empty batch does not come into the line, and takes no number") {
  BatchLine line(kMiB);
  REQUIRE(line.begin());
  line.finish(1);
  CHECK(line.is_empty());
  CHECK_FALSE(line.building());
  CHECK(line.next_number() == 0);
}

TEST_CASE("a batch that is sent is used again for the next one") {
  BatchLine line(kMiB);
  add(line, 1, 100'000);
  const Batch* const first = &line.first();
  line.pop_first();
  CHECK(line.begin() == first);
}

TEST_CASE("over the budget the oldest goes, one after the other, until it fits") {
  BatchLine line(kMiB);
  for (std::uint32_t i = 1; i <= 5; ++i) add(line, i, 300'000);
  CHECK(line.drop_over_budget(false) == 1);
  CHECK(line.drop_over_budget(false) == 2);
  CHECK(line.drop_over_budget(false) == 0);
  CHECK(line.first().spans == 3);
  CHECK(line.spans() == 3 + 4 + 5);
}

TEST_CASE("the first one stays while it is under way: the next oldest goes") {
  BatchLine line(kMiB);
  for (std::uint32_t i = 1; i <= 4; ++i) add(line, i, 400'000);
  CHECK(line.drop_over_budget(true) == 2);
  CHECK(line.drop_over_budget(true) == 3);
  CHECK(line.drop_over_budget(true) == 0);
  CHECK(line.first().spans == 1);
  line.pop_first();
  CHECK(line.first().spans == 4);
}

TEST_CASE("the newest stays, even if it alone is over the budget") {
  BatchLine line(1000);
  add(line, 1, 500'000);
  CHECK(line.drop_over_budget(false) == 0);
  add(line, 2, 500'000);
  CHECK(line.drop_over_budget(true) == 0);
  CHECK(line.drop_over_budget(false) == 1);
  CHECK(line.drop_over_budget(false) == 0);
  CHECK(line.first().spans == 2);
}

TEST_CASE("many tiny batches do not come through under the budget: each has a buffer") {
  BatchLine line(kMiB);
  for (int i = 0; i < 100; ++i) {
    add(line, 1, 10);
    while (line.drop_over_budget(false) != 0) {
    }
  }
  CHECK(line.size() <= 16);
}

TEST_CASE("a second half stands behind the first, before what was built later") {
  for (const bool is_alone : {true, false}) {
    BatchLine line(kMiB);
    add(line, 1);
    if (!is_alone) add(line, 3);
    std::unique_ptr<Batch> half = line.spare();
    half->spans = 2;
    line.insert_second(std::move(half));
    if (is_alone) add(line, 3);
    for (std::uint32_t i = 1; i <= 3; ++i) {
      CHECK(line.first().spans == i);
      line.pop_first();
    }
    CHECK(line.is_empty());
  }
}

TEST_CASE("the last batch is built further if it is small, and keeps its number; the first never is") {
  BatchLine line(kMiB);
  add(line, 1, 10);
  CHECK_FALSE(line.reopen_last(1000));
  add(line, 2, 10);
  add(line, 3, 2000);
  CHECK_FALSE(line.reopen_last(1000));
  Batch* last = line.reopen_last(10'000);
  REQUIRE(last);
  CHECK(last == line.building());
  CHECK(last->spans == 3);
  CHECK(line.size() == 2);
  CHECK(line.spans() == 6);
  CHECK(line.next_number() == 2);
  line.finish(9);
  CHECK(line.next_number() == 3);
  add(line, 4);
  for (std::uint32_t i = 1; i <= 4; ++i) {
    CHECK(line.first().spans == i);
    line.pop_first();
  }
}

TEST_CASE("a batch that is full is not built further, however small it is") {
  BatchLine line(kMiB);
  add(line, 1, 10);
  add(line, 2, 10);
  line.reopen_last(1000)->is_full = true;
  line.finish(9);
  CHECK_FALSE(line.reopen_last(1000));
}
