#include "sink_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "machine.h"

namespace bench {
namespace {

std::string sink_program() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "bench-sink").string();
}

[[noreturn]] void become_sink(const std::string& program, int input, int output, const std::string& delay,
                              SinkProcess::Place place) {
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  if (place == SinkProcess::Place::reporters_core) pin_this_thread(Core::reporters);
  execl(program.c_str(), program.c_str(), delay.c_str(), static_cast<char*>(nullptr));
  std::perror(program.c_str());
  _exit(127);
}

int read_port(int from) {
  std::FILE* answers = fdopen(from, "r");
  int port = 0;
  if (!answers || std::fscanf(answers, "%d", &port) != 1) {
    std::fputs("bench-sink did not start\n", stderr);
    std::exit(1);
  }
  std::fclose(answers);
  return port;
}

}  // namespace

SinkProcess::SinkProcess(int delay_milliseconds, Place place) {
  const std::string program = sink_program(), delay = std::to_string(delay_milliseconds);
  int input[2], output[2];
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) std::abort();
  process_ = fork();
  if (process_ == 0) become_sink(program, input[0], output[1], delay, place);
  close(input[0]);
  close(output[1]);
  its_stdin_ = input[1];
  port_ = read_port(output[0]);
}

SinkProcess::~SinkProcess() {
  close(its_stdin_);
  waitpid(process_, nullptr, 0);
}

std::string SinkProcess::endpoint() const { return "http://127.0.0.1:" + std::to_string(port_) + "/api/traces"; }

}  // namespace bench
