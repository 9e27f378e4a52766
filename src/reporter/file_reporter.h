// FileReporter: appends each finished span to a file, as one line of JSON (ui_json.h) with its process in it.
//
//   line := span ,"process":process}
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
  const std::string path_;
  const std::string end_;  // of each line
  std::string lines_;
  int file_ = -1;
};

}  // namespace jtrace::inline v1::detail
