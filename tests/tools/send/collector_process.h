// The real jtrace-collector as a child process, on ports that the kernel chose; it is ready when the
// constructor returns, and gone after the destructor.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

class CollectorProcess {
 public:
  explicit CollectorProcess(const char* program, std::vector<std::string> more_options = {});
  ~CollectorProcess();
  CollectorProcess(const CollectorProcess&) = delete;
  CollectorProcess& operator=(const CollectorProcess&) = delete;

  const std::string& endpoint() const { return endpoint_; }  // http://127.0.0.1:1234/api/traces
  const std::string& query() const { return query_; }        // http://127.0.0.1:1235/search

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string endpoint_, query_;
};
