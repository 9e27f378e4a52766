// JAEGER_TAGS: every tag that is read has a key without blanks around it, and there are no more than the text has pairs.
#include <algorithm>
#include <cstdlib>

#include "config/parse.h"
#include "config/tags.h"
#include "fuzz.h"

using namespace jtrace::detail;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  setenv("SET", "from the environment", 1);
  const std::string_view text = fuzz::text_of(bytes, size);
  const auto tags = parse_tags(text);
  if (!tags) return 0;
  require(tags->size() <= static_cast<std::size_t>(std::count(text.begin(), text.end(), '=')), "each tag has its '='");
  for (const ProcessTag& tag : *tags) {
    require(!tag.key.empty(), "a key is not empty");
    require(trim(tag.key) == tag.key, "a key has no blanks around it");
    require(tag.key.find_first_of("=,") == std::string::npos, "a key ends at the first mark");
  }
  return 0;
}
