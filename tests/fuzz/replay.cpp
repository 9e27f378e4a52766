// A main() for a fuzz target without a fuzzer: hands it every file of the given folder, and every beginning of each file, since what
// breaks off is what readers trip over most.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz.h"

namespace {

constexpr std::size_t kBeginnings = 400;  // of each file; further ones only make it slow

// In a block of exactly that size, so that a sanitizer sees a read behind its end.
void run(const std::string& bytes, std::size_t size) {
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

void replay(const std::filesystem::path& path) {
  std::printf("%s\n", path.filename().c_str());
  std::fflush(stdout);  // the last line names the culprit
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (std::size_t size = 0; size < std::min(bytes.size(), kBeginnings); ++size) run(bytes, size);
  run(bytes, bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::filesystem::path> paths;
  if (count == 2) {
    for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) paths.push_back(entry.path());
  }
  if (paths.empty()) {
    std::fprintf(stderr, "usage: %s FOLDER, with files in it\n", arguments[0]);
    return 2;
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) replay(path);
}
