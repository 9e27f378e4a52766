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
  const std::string& otlp() const { return otlp_; }          // http://127.0.0.1:1236/v1/traces
  // The UDP ports of an agent.
  const std::string& compact_port() const { return compact_port_; }
  const std::string& binary_port() const { return binary_port_; }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string endpoint_, query_, compact_port_, binary_port_, otlp_;
};
