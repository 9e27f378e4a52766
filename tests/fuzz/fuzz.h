// What the fuzz targets share. A target is one file with one function, LLVMFuzzerTestOneInput, that hands its bytes to one
// place where jtrace reads what others wrote, and then holds the result against what that place promises.
//
// libFuzzer calls it with bytes of its own invention (tools/fuzz.sh), replay.cpp with those of the corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace fuzz {

// A broken promise ends the program, which is how a fuzzer learns of it.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Each line cut at the first `mark`; the second part is empty where there is none.
struct Line {
  std::string_view first, second;
};

inline std::vector<Line> lines_of(std::string_view text, std::string_view mark) {
  std::vector<Line> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
    const std::size_t at = line.find(mark);
    const bool is_cut = at != std::string_view::npos;
    lines.push_back({line.substr(0, at), is_cut ? line.substr(at + mark.size()) : std::string_view()});
  }
  return lines;
}

}  // namespace fuzz
