#include "reporter/file_reporter.h"

#include <fcntl.h>
#include <unistd.h>

#include "reporter/ui_json.h"
#include "reporter/write_all.h"

namespace jtrace::inline v1::detail {

FileReporter::FileReporter(std::string path, std::string_view service_name, const std::vector<ProcessTag>& tags)
    : path_(std::move(path)), end_(",\"process\":" + ui_json::process(service_name, tags) + "}\n") {}

FileReporter::~FileReporter() {
  if (file_ >= 0) ::close(file_);
}

void FileReporter::report(std::span<const FinishedSpan> spans) {
  lines_.clear();
  for (const FinishedSpan& span : spans) {
    ui_json::put_span(lines_, span);
    lines_ += end_;
  }
  if (file_ < 0) file_ = open_to_write(path_, O_APPEND);
  write_all(file_, path_, lines_);
}

}  // namespace jtrace::inline v1::detail
