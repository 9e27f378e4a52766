// SinkProcess: a bench-sink beside this process, for as long as the object lives. The program is looked for next to the
// running one. On the reporters' core, unless told otherwise, so that it takes nothing from the callers.
#pragma once

#include <sys/types.h>

#include <string>

namespace bench {

class SinkProcess {
 public:
  enum class Place { reporters_core, anywhere };

  explicit SinkProcess(int delay_milliseconds = 0, Place place = Place::reporters_core);
  ~SinkProcess();
  SinkProcess(const SinkProcess&) = delete;

  std::string endpoint() const;

 private:
  pid_t process_ = -1;
  int its_stdin_ = -1;
  int port_ = 0;
};

}  // namespace bench
