#include "support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "support/environment.h"

namespace support {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3600 * 1000));
}

std::vector<char*> pointers(std::vector<std::string>* texts) {
  std::vector<char*> list;
  for (std::string& text : *texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environment_with(const Variables& variables) {
  std::vector<std::string> all = neutral_environment();
  // TSan refuses threads in a child of a process with threads, and sleeps for a second at exit, unless told
  // otherwise.
  const char* own = std::getenv("TSAN_OPTIONS");
  all.push_back("TSAN_OPTIONS=" + std::string(own ? own : "") + ":die_after_fork=0:atexit_sleep_ms=0");
  std::erase_if(all, [&](const std::string& entry) {
    return (own && entry == "TSAN_OPTIONS=" + std::string(own)) ||
           variables.contains(entry.substr(0, entry.find('=')));
  });
  for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
  return all;
}

std::chrono::seconds patience() {
  const char* seconds = std::getenv("JTRACE_TEST_PATIENCE");
  return std::chrono::seconds(seconds ? std::atoi(seconds) : 60);
}

}  // namespace

const std::chrono::seconds Process::kPatience = patience();

std::string Outcome::reported(const std::string& key) const {
  const std::string start = key + "=";
  for (std::size_t at = 0; at < report.size();) {
    const std::size_t end = std::min(report.find('\n', at), report.size());
    if (report.compare(at, start.size(), start) == 0)
      return report.substr(at + start.size(), end - at - start.size());
    at = end + 1;
  }
  return {};
}

long long Outcome::number(const std::string& key) const {
  return std::strtoll(reported(key).c_str(), nullptr, 10);
}

std::string Outcome::describe() const {
  std::string text = "exit code " + std::to_string(exit_code) + ", signal " + std::to_string(signal) +
                     (timed_out ? ", timed out" : "") + ", after " + std::to_string(took.count()) + " ms";
  text += "\n--- stdout\n" + out + "\n--- stderr\n" + err + "\n--- report\n" + report;
  return text;
}

Process::Process(std::vector<std::string> command, const Variables& variables) : started_(Clock::now()) {
  int ends[3][2];
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  for (int i = 0; i < 3; ++i) {
    if (pipe2(ends[i], O_CLOEXEC) != 0) throw std::runtime_error("no pipe to be had");
    // Out of the way of 1, 2 and 3, which are about to be given away.
    const int moved = fcntl(ends[i][1], F_DUPFD_CLOEXEC, 10);
    close(ends[i][1]);
    ends[i][1] = moved;
    outputs_[i] = fcntl(ends[i][0], F_DUPFD_CLOEXEC, 10);
    close(ends[i][0]);
    posix_spawn_file_actions_adddup2(&actions, moved, i + 1);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);

  std::vector<std::string> environment = environment_with(variables);
  const int error = posix_spawnp(&pid_, command.at(0).c_str(), &actions, &attributes,
                                 pointers(&command).data(), pointers(&environment).data());
  for (auto& end : ends) close(end[1]);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command.at(0));
}

Process::~Process() {
  if (!reaped_) {
    kill_group();
    waitpid(pid_, nullptr, 0);
  }
  for (const int fd : outputs_) {
    if (fd >= 0) close(fd);
  }
}

void Process::send_signal(int signal) const {
  kill(pid_, signal);
}
std::string Process::read_line(std::chrono::milliseconds at_most) {
  const Clock::time_point deadline = Clock::now() + at_most;
  std::string line;
  for (char letter = 0; letter != '\n';) {
    pollfd waiting{outputs_[0], POLLIN, 0};
    if (poll(&waiting, 1, milliseconds_until(deadline)) <= 0 || read(outputs_[0], &letter, 1) != 1) break;
    lines_read_ += letter;
    if (letter != '\n') line += letter;
  }
  return line;
}

void Process::kill_group() const {
  kill(-pid_, SIGKILL);
}

Outcome Process::wait(std::chrono::milliseconds at_most) {
  Outcome outcome;
  outcome.out = lines_read_;
  const Clock::time_point deadline = Clock::now() + at_most;
  read_outputs(&outcome, deadline);
  collect(&outcome, deadline);
  return outcome;
}

void Process::read_outputs(Outcome* outcome, Clock::time_point deadline) {
  std::string* texts[3] = {&outcome->out, &outcome->err, &outcome->report};
  for (;;) {
    pollfd entries[3];
    int open = 0;
    for (int i = 0; i < 3; ++i) {
      entries[i] = {outputs_[i], POLLIN, 0};
      open += outputs_[i] >= 0;
    }
    if (open == 0) return;
    if (poll(entries, 3, milliseconds_until(deadline)) == 0) {
      outcome->timed_out = true;
      kill_group();
      deadline = Clock::now() + std::chrono::seconds(10);
    }
    for (int i = 0; i < 3; ++i) {
      if (!entries[i].revents) continue;
      char chunk[4096];
      const ssize_t got = read(outputs_[i], chunk, sizeof chunk);
      if (got > 0) {
        texts[i]->append(chunk, static_cast<std::size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        close(outputs_[i]);
        outputs_[i] = -1;
      }
    }
  }
}

void Process::collect(Outcome* outcome, Clock::time_point deadline) {
  int status = 0;
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (Clock::now() >= deadline) {  // its output is closed, but it does not end
      outcome->timed_out = true;
      kill_group();
      waitpid(pid_, &status, 0);
      break;
    }
    poll(nullptr, 0, 1);
  }
  reaped_ = true;
  outcome->took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
  if (WIFEXITED(status)) outcome->exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome->signal = WTERMSIG(status);
}

Outcome run(std::vector<std::string> command, const Variables& variables, std::chrono::milliseconds at_most) {
  return Process(std::move(command), variables).wait(at_most);
}

}  // namespace support
