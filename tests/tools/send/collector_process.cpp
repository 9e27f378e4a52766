#include "collector_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "support/environment.h"

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

pid_t start(std::vector<std::string> command, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::vector<std::string> environment = support::neutral_environment();
  pid_t pid = -1;
  const int error = posix_spawn(&pid, command.front().c_str(), &actions, nullptr, pointers(command).data(),
                                pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command.front());
  return pid;
}

// Blocks until the child has said a whole line. What it says next stays in the pipe.
std::string read_line(int output) {
  std::string line;
  for (char c = 0; read(output, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

std::string after(const std::string& line, const std::string& word) {
  if (!line.starts_with(word))
    throw std::runtime_error("the collector said \"" + line + "\" instead of " + word);
  return line.substr(word.size());
}

// Of "agent: udp://127.0.0.1:PORT thrift.compact".
std::string agent_port(const std::string& line) {
  const std::string rest = after(line, "agent: udp://127.0.0.1:");
  return rest.substr(0, rest.find(' '));
}

}  // namespace

CollectorProcess::CollectorProcess(const char* program, std::vector<std::string> more_options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::vector<std::string> command{program, "--port", "0", "--query-port", "0", "--quiet"};
  command.insert(command.end(), more_options.begin(), more_options.end());
  pid_ = start(command, ends[1]);
  close(ends[1]);
  output_ = ends[0];
  endpoint_ = after(read_line(output_), "collector: ");
  query_ = after(read_line(output_), "query: ");
  compact_port_ = agent_port(read_line(output_));
  binary_port_ = agent_port(read_line(output_));
  otlp_ = after(read_line(output_), "otlp: ");
}

CollectorProcess::~CollectorProcess() {
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  close(output_);
}
