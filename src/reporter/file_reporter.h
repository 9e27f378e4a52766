// FileReporter: appends each finished span to a file, as one line of JSON: a span of Jaeger's UI JSON with its process in it, which
// is also how Jaeger stores one in Elasticsearch.
//
//   {"traceID":"…","spanID":"…","flags":1,"operationName":"…","references":[{"refType":"CHILD_OF","traceID":"…","spanID":"…"}],
//    "startTime":µs,"duration":µs,"tags":[{"key":"…","type":"string","value":"…"}],"logs":[{"timestamp":µs,"fields":[…]}],
//    "process":{"serviceName":"…","tags":[…]}}
//
// The file is opened with the first span, made if need be, and only ever appended to, in whole lines, so that several processes may share
// it. A file that cannot be written is a failure of this reporter, and tried again with the next spans. Used by the reporter's thread.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "jtrace/reporter.h"

namespace jtrace::inline v1::detail {

class FileReporter final : public jtrace::Reporter {
 public:
  FileReporter(std::string path, std::string_view service_name, const std::vector<ProcessTag>& tags);
  ~FileReporter() override;

  // Throws std::runtime_error, naming the file, when it cannot be written.
  void report(std::span<const FinishedSpan> spans) override;

 private:
  void write(std::string_view lines);

  const std::string path_;
  std::string process_;  // the end of each line
  std::string lines_;
  int file_ = -1;
};

}  // namespace jtrace::inline v1::detail
