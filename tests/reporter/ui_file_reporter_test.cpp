// A document for Jaeger's UI while memory is short: each request of a report is refused once, and what comes of it is compared with
// the document of a reporter that had memory, and got only the spans that were taken.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <string>

#include "core/allocations.h"
#include "record/span_data.h"
#include "reporter/ui_file_reporter.h"

namespace {

using jtrace::detail::SpanData;
using jtrace::detail::UiFileReporter;

constexpr const char* kWhenSkipped = "skipped where a sanitizer brings a malloc of its own";

// Long enough that its text is not put together without the heap.
SpanData span_of(std::uint64_t trace, std::uint64_t id) {
  static const std::string text(300, 'x');
  SpanData span;
  span.name = "an operation";
  span.trace_high = span.trace_low = trace;
  span.span_id = id;
  span.tags.emplace_back("text", std::string_view(text));
  span.logs.push_back({.time = 1000, .first = 0, .count = 0});
  return span;
}

// A reporter that is refused memory, and one that is not, with the same limit.
class Pair {
 public:
  explicit Pair(std::size_t most_bytes)
      : refused_(path("refused"), "svc", {}, most_bytes), wanted_(path("wanted"), "svc", {}, most_bytes) {}
  ~Pair() { std::filesystem::remove_all(folder_); }
  Pair(const Pair&) = delete;

  // One request for memory is refused, by its number, counted from 1; 0: none. Was there such a one?
  bool report(const SpanData& data, std::uint64_t refuse = 0) {
    const jtrace::FinishedSpan span(data);
    const std::uint64_t before = allocations::refused();
    bool is_taken = true;
    allocations::refuse_here(refuse, refuse);
    try {
      refused_.report({&span, 1});
    } catch (const std::bad_alloc&) {
      is_taken = false;
    }
    allocations::refuse_here(0, 0);
    if (is_taken) wanted_.report({&span, 1});
    return allocations::refused() != before;
  }

  bool is_as_wanted() {
    refused_.flush();
    wanted_.flush();
    return text("refused") == text("wanted") && text("wanted").find("an operation") != std::string::npos;
  }

 private:
  static std::filesystem::path new_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "jtrace-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    return name;
  }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  std::string text(const char* name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::filesystem::path folder_ = new_folder();
  UiFileReporter refused_, wanted_;
};

}  // namespace

TEST_SUITE_BEGIN("a document without memory" * doctest::description(kWhenSkipped) * doctest::skip(!allocations::are_counted()));

TEST_CASE("whichever request is refused while a span is reported, it is in the document as a whole or not at all") {
  for (const std::uint64_t trace : {1, 2}) {  // the trace that is there, and a new one
    CAPTURE(trace);
    bool was_refused = true;
    std::uint64_t requests = 0;
    for (; was_refused; ++requests) {
      CAPTURE(requests);
      Pair documents(100'000);
      documents.report(span_of(1, 1));
      was_refused = documents.report(span_of(trace, 2), requests + 1);
      documents.report(span_of(trace, 3));
      documents.report(span_of(1, 4));
      CHECK(documents.is_as_wanted());
    }
    CHECK(requests > 3);
  }
}

TEST_CASE("whichever request is refused while a trace begins, the traces leave the document as they do otherwise") {
  bool was_refused = true;
  for (std::uint64_t request = 1; was_refused; ++request) {
    CAPTURE(request);
    Pair documents(3'000);  // some five traces
    was_refused = documents.report(span_of(1, 1), request);
    for (std::uint64_t trace = 1; trace <= 4; ++trace) documents.report(span_of(trace, 2));
    CHECK(documents.is_as_wanted());
    for (std::uint64_t trace = 1; trace <= 9; ++trace) documents.report(span_of(trace, 3));
    CHECK(documents.is_as_wanted());
  }
}

TEST_CASE("a trace that is too large for a document leaves it also where requests were refused") {
  bool was_refused = true;
  for (std::uint64_t request = 1; was_refused; ++request) {
    CAPTURE(request);
    Pair documents(3'000);
    was_refused = documents.report(span_of(1, 1), request);
    for (std::uint64_t id = 2; id <= 9; ++id) documents.report(span_of(1, id), id % 3 == 0 ? request : 0);
    documents.report(span_of(2, 1));
    CHECK(documents.is_as_wanted());
  }
}

TEST_SUITE_END();
