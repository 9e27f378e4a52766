// Child processes: a program is started with its own environment, and everything it says is kept.
//
// Beside stdout and stderr a child has a third way to speak, descriptor 3: there the tests' own programs
// report, so that what the library may write to the other two stays visible. A child that outlives its
// deadline is killed with all that it started itself.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace support {

struct Outcome {
  int exit_code = -1;  // -1 if it did not exit by itself
  int signal = 0;      // what ended it, or 0
  bool timed_out = false;
  std::string out, err;
  std::string report;                // everything written to descriptor 3
  std::chrono::milliseconds took{};  // from the start to its end

  bool succeeded() const { return exit_code == 0 && signal == 0 && !timed_out; }
  // The value behind "key=" on a line of the report; empty if there is none.
  std::string reported(const std::string& key) const;
  long long number(const std::string& key) const;
  // For a failing test's message.
  std::string describe() const;
};

using Variables = std::map<std::string, std::string>;

class Process {
 public:
  static const std::chrono::seconds kPatience;  // a minute; JTRACE_TEST_PATIENCE=SECONDS for slow machines, such as emulated ones

  // The tracing variables of the test's own environment are left out; those given are added.
  explicit Process(std::vector<std::string> command, const Variables& variables = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void send_signal(int signal) const;
  // What it says on stdout up to the end of the line, which belongs to the outcome as well; less, if it says no more in time.
  std::string read_line(std::chrono::milliseconds at_most = kPatience);
  // Until it has ended and everything it started has closed its output.
  Outcome wait(std::chrono::milliseconds at_most = kPatience);

 private:
  void read_outputs(Outcome* outcome, std::chrono::steady_clock::time_point deadline);
  void collect(Outcome* outcome, std::chrono::steady_clock::time_point deadline);
  void kill_group() const;

  pid_t pid_ = -1;
  bool reaped_ = false;
  std::string lines_read_;  // of stdout, by read_line()
  int outputs_[3] = {-1, -1, -1};  // stdout, stderr, report
  std::chrono::steady_clock::time_point started_;
};

Outcome run(std::vector<std::string> command, const Variables& variables = {},
            std::chrono::milliseconds at_most = Process::kPatience);

}  // namespace support
