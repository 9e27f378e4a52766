// Values in the environment, one a line as `NAME=value`: settings are read that are within their limits, or an error that names the
// variable. Every value also goes through each of the parsers for durations, sizes, numbers and truths.
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "config/parse.h"
#include "config/read_settings.h"
#include "fuzz.h"

using namespace jtrace::detail;
using fuzz::require;

namespace {

// Variables of ours, set for as long as this lives.
class Environment {
 public:
  explicit Environment(std::string_view text) {
    for (const auto& [name, value] : fuzz::lines_of(text, "=")) {
      if (!name.starts_with("JAEGER_") && !name.starts_with("JTRACE_") && !name.starts_with("OTEL_")) continue;
      names_.emplace_back(name);
      setenv(names_.back().c_str(), std::string(value).c_str(), 1);
    }
  }
  ~Environment() {
    for (const std::string& name : names_) unsetenv(name.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::vector<std::string> names_;
};

void check_parsers(std::string_view text) {
  const auto duration = parse_duration(text);
  require(!duration || duration->count() >= 0, "a duration is not negative");
  const auto bytes = parse_bytes(text, 128);
  require(!bytes || *bytes >= 0, "a size is not negative");
  const auto number = parse_number(text);
  require(!number || std::isfinite(*number), "a number is finite");

  std::string padded(1, ' ');
  padded.append(text).append(1, '\t');
  require(parse_duration(padded) == duration, "blanks around a duration do not count");
  require(parse_bytes(padded, 128) == bytes, "blanks around a size do not count");
  require(parse_number(padded) == number, "blanks around a number do not count");
  require(parse_bool(padded) == parse_bool(text), "blanks around a truth do not count");
}

void check_settings(const Settings& settings) {
  require(!settings.service_name.empty(), "the service has a name");
  for (const auto time : {settings.flush_interval, settings.connect_timeout, settings.request_timeout}) {
    require(time.count() > 0, "a period is above 0");
  }
  require(settings.exit_flush_timeout.count() >= 0, "the flush at exit takes no negative time");
  for (const auto size : {settings.max_queue_bytes, settings.max_open_bytes, settings.max_batch_bytes, settings.max_span_bytes}) {
    require(size >= 1024, "a limit leaves room for something");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  check_parsers(text);
  for (const auto& [name, value] : fuzz::lines_of(text, "=")) check_parsers(value);

  const Environment environment(text);
  const SettingsOrError read = read_settings({});
  if (read.error.key().empty()) {
    check_settings(read.settings);
  } else {
    require(read.error.message().find(read.error.key()) != std::string::npos, "an error names its variable");
    require(std::getenv(read.error.key().c_str()) != nullptr, "an error is about a variable that is set");
  }
  return 0;
}
