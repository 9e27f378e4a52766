#include "fixture.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fixture {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned short kTerminalColumns = 90;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

bool wait_readable(int descriptor, Clock::time_point deadline) {
  pollfd event{descriptor, POLLIN, 0};
  return poll(&event, 1, milliseconds_until(deadline)) > 0;
}

// Appends what is there; false at the end of the stream.
bool read_into(int descriptor, std::string& text) {
  std::array<char, 65536> piece{};
  const ssize_t size = read(descriptor, piece.data(), piece.size());
  if (size <= 0) return false;
  text.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

std::string read_to_end(int descriptor) {
  std::string text;
  const auto deadline = Clock::now() + kDeadline;
  while (wait_readable(descriptor, deadline) && read_into(descriptor, text)) {
  }
  return text;
}

// The two ends of a child's output: a pipe, or a terminal.
struct Channel {
  Descriptor ours;
  Descriptor theirs;
};

Channel make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Channel make_terminal() {
  int ours = -1;
  int theirs = -1;
  winsize size{};
  size.ws_col = kTerminalColumns;
  size.ws_row = 40;
  if (openpty(&ours, &theirs, nullptr, nullptr, &size) != 0) fail("openpty");
  fcntl(ours, F_SETFD, FD_CLOEXEC);
  fcntl(theirs, F_SETFD, FD_CLOEXEC);
  return {Descriptor(ours), Descriptor(theirs)};
}

using Environment = std::map<std::string, std::string>;

// In the child: undefined behaviour is the end, and TSan knows what it cannot see. Harmless without sanitizers.
void tell_sanitizers() {
  setenv("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1", 0);
  const char* given = getenv("TSAN_OPTIONS");
  const std::string options = given ? std::string(given) + ":" : "";
  setenv("TSAN_OPTIONS", (options + "suppressions=" JTRACE_TSAN_SUPPRESSIONS).c_str(), 1);
}

// In the child: becomes the collector.
[[noreturn]] void become(const std::vector<std::string>& arguments, const Environment& environment, int out, int err) {
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  for (const char* name : {"NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"}) unsetenv(name);
  setenv("TERM", "xterm", 1);
  tell_sanitizers();
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> pointers = {const_cast<char*>(JTRACE_COLLECTOR)};
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  execv(JTRACE_COLLECTOR, pointers.data());
  _exit(127);
}

pid_t start(const std::vector<std::string>& arguments, const Environment& environment, const Channel& out,
            const Channel& err) {
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) become(arguments, environment, out.theirs.get(), err.theirs.get());
  return child;
}

// Waits for the child; kills it when the deadline is over.
void reap(pid_t child, Ended& ended) {
  int status = 0;
  const bool by_itself = eventually([&] { return waitpid(child, &status, WNOHANG) == child; });
  if (!by_itself) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return;
  }
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
}

int number_after(const std::string& text, const std::string& start) {
  const auto at = text.find(start);
  return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + start.size());
}

std::size_t count_in(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Reply parse_reply(const std::string& bytes) {
  Reply reply;
  const auto end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.1 ") || end == std::string::npos) return reply;
  reply.status = std::atoi(bytes.c_str() + 9);
  reply.body = bytes.substr(end + 4);
  std::istringstream lines(bytes.substr(0, end));
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(": ");
    if (line.ends_with('\r')) line.pop_back();
    if (colon != std::string::npos) reply.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  return reply;
}

bool connect_to(int socket, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

void pause_between_questions() { poll(nullptr, 0, 5); }

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

int Descriptor::release() {
  const int number = number_;
  number_ = -1;
  return number;
}

Connection::Connection(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (!connect_to(socket_.get(), port)) fail("connect");
}

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Connection::wait_for(const std::string& text) {
  std::string got;
  const auto deadline = Clock::now() + kDeadline;
  while (got.find(text) == std::string::npos) {
    if (!wait_readable(socket_.get(), deadline) || !read_into(socket_.get(), got)) return false;
  }
  return true;
}

bool Connection::is_reset() {
  char byte = 0;
  ssize_t size = 1;
  const auto deadline = Clock::now() + kDeadline;
  while (size > 0 && wait_readable(socket_.get(), deadline)) size = recv(socket_.get(), &byte, 1, 0);
  return size < 0 && errno == ECONNRESET;
}

std::string Connection::receive_all() { return read_to_end(socket_.get()); }

Reply Connection::reply() { return parse_reply(receive_all()); }

Reply ask(int port, std::string_view request) {
  Connection connection(port);
  connection.send(request);
  return connection.reply();
}

Reply get(int port, const std::string& path) { return ask(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"); }

Reply post(int port, const std::string& body, const std::string& headers, const std::string& path) {
  return ask(port, "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n" + headers + "\r\n" + body);
}

bool is_refused(int port) {
  const Descriptor made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return !connect_to(made.get(), port) && errno == ECONNREFUSED;
}

Collector::Collector(std::vector<std::string> arguments, Reader reader, const Environment& environment) {
  const TemporaryFile ports;
  arguments.insert(arguments.begin(), {"--port", "0", "--query-port", "0", "--ports-file", ports.path()});
  Channel out = reader == Reader::kTerminal ? make_terminal() : make_pipe();
  Channel err = make_pipe();
  pid_ = start(arguments, environment, out, err);
  out_end_ = std::move(out.ours);
  err_end_ = std::move(err.ours);
  out.theirs = Descriptor();
  err.theirs = Descriptor();
  const bool ready = reader == Reader::kNobody ? eventually([&] { return !ports.content().empty(); })
                                               : wait_for_output("/search") && wait_for_output("\n", 2);
  if (!ready) fail("the collector did not announce its ports: " + out_);
  learn_ports(reader == Reader::kNobody ? ports.content() : out_);
}

// So that every test fails when its collector did not end well, which is also how sanitizers report.
Collector::~Collector() {
  if (pid_ <= 0) return;
  const Ended ended = end(SIGTERM);
  CHECK_MESSAGE(ended.exit_code == 0, ended.err);
}

void Collector::learn_ports(const std::string& text) {
  port_ = number_after(text, "collector: http://127.0.0.1:");
  query_port_ = number_after(text, "query: http://127.0.0.1:");
  announced_ = text;
}

int Collector::agent_port(const std::string& protocol) const {
  const std::size_t line_end = announced_.find(" " + protocol + "\n");
  if (line_end == std::string::npos) return 0;
  return number_after(announced_.substr(announced_.rfind('\n', line_end) + 1), "agent: udp://127.0.0.1:");
}

int Collector::otlp_port() const { return number_after(announced_, "otlp: http://127.0.0.1:"); }

void send_datagram(int port, std::string_view bytes) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  ::sendto(socket.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

bool Collector::read_some(Clock::time_point deadline) {
  return wait_readable(out_end_.get(), deadline) && read_into(out_end_.get(), out_);
}

bool Collector::wait_for_output(const std::string& text, std::size_t times) {
  const auto deadline = Clock::now() + kDeadline;
  while (count_in(out_, text) < times) {
    if (!read_some(deadline)) return false;
  }
  return true;
}

Ended Collector::end(int signal) {
  const auto begin = Clock::now();
  Ended ended;
  kill(pid_, signal);
  reap(pid_, ended);
  pid_ = -1;
  ended.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  ended.out = out_ + read_to_end(out_end_.get());
  ended.err = read_to_end(err_end_.get());
  return ended;
}

std::size_t Collector::peak_bytes() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
  }
  return 0;
}

Ended run(const std::vector<std::string>& arguments) {
  Ended ended;
  Channel out = make_pipe();
  Channel err = make_pipe();
  const pid_t child = start(arguments, {}, out, err);
  out.theirs = Descriptor();
  err.theirs = Descriptor();
  reap(child, ended);
  ended.out = read_to_end(out.ours.get());
  ended.err = read_to_end(err.ours.get());
  return ended;
}

TemporaryFile::TemporaryFile() {
  std::string pattern = (std::filesystem::temp_directory_path() / "jtrace-collector-XXXXXX").string();
  if (!mkdtemp(pattern.data())) fail("mkdtemp");
  directory_ = pattern;
  path_ = directory_ + "/file";
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void TemporaryFile::make_unwritable() const {
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
}

std::string TemporaryFile::content() const {
  std::ostringstream content;
  content << std::ifstream(path_).rdbuf();
  return content.str();
}

}  // namespace fixture
