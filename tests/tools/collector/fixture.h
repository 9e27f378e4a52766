// The collector as its users meet it: a child process, its ports, what it prints, and a client that speaks plain bytes.
//
// `Collector` starts the real program on free ports and ends it with the test; everything waits for an event, up to
// one deadline. The client is written on sockets, so that tests can send what no library would.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fixture {

// Long enough for a busy machine under a sanitizer; nobody waits so long for what comes.
inline constexpr std::chrono::seconds kDeadline{30};

struct Reply {
  int status = 0;  // 0: the connection ended without an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// A descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return number_; }
  int release();

 private:
  int number_;
};

// A connection to a port of this machine.
class Connection {
 public:
  explicit Connection(int port);
  // False when the other side has gone.
  bool send(std::string_view bytes);
  // Reads until it has got that text; false when the other side closes first, or at the deadline.
  bool wait_for(const std::string& text);
  // Until the other side closes, or the deadline.
  std::string receive_all();
  Reply reply();
  // Reads until the other side closes: did it reset the connection?
  bool is_reset();

 private:
  Descriptor socket_;
};

Reply ask(int port, std::string_view request);
Reply get(int port, const std::string& path);
Reply post(int port, const std::string& body, const std::string& headers = "Content-Type: application/x-thrift\r\n",
           const std::string& path = "/api/traces");

struct Ended {
  int exit_code = -1;  // -1: it did not end by itself
  int signal = 0;
  std::string out;
  std::string err;
  std::chrono::milliseconds took{};  // since `end` was called
};

// How standard output of the collector is read.
enum class Reader {
  kPipe,      // at once
  kTerminal,  // a terminal of 90 columns, read at once
  kNobody,    // a pipe that is read only after the end
};

class Collector {
 public:
  // With --port 0 and --query-port 0 in front of the given arguments. Waits until both ports are announced, unless
  // nobody reads; then they are taken from a ports file.
  explicit Collector(std::vector<std::string> arguments = {}, Reader reader = Reader::kPipe,
                     const std::map<std::string, std::string>& environment = {});
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  int port() const { return port_; }
  int query_port() const { return query_port_; }
  // Of "thrift.compact" or "thrift.binary"; 0: it was not announced.
  int agent_port(const std::string& protocol) const;
  int otlp_port() const;  // 0: it was not announced
  pid_t pid() const { return pid_; }

  // What was printed so far.
  const std::string& out() const { return out_; }
  // Reads on until `text` was printed so many times; false when the deadline is over first.
  bool wait_for_output(const std::string& text, std::size_t times = 1);

  // Sends the signal and waits for the end.
  Ended end(int signal);

  // Resident memory at its highest so far.
  std::size_t peak_bytes() const;

 private:
  bool read_some(std::chrono::steady_clock::time_point deadline);
  void learn_ports(const std::string& text);

  pid_t pid_ = -1;
  Descriptor out_end_;
  Descriptor err_end_;
  std::string out_;
  int port_ = 0;
  int query_port_ = 0;
  std::string announced_;
};

// One datagram to that port of this machine.
void send_datagram(int port, std::string_view bytes);

// Does a connection to that port get refused?
bool is_refused(int port);

// Runs the program to its own end.
Ended run(const std::vector<std::string>& arguments);

// A file in a directory of its own, gone after the test.
class TemporaryFile {
 public:
  TemporaryFile();
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }
  std::string content() const;
  // From here on it cannot be written, not even by root: a directory stands in its place.
  void make_unwritable() const;

 private:
  std::string directory_;
  std::string path_;
};

void pause_between_questions();

// Asks again and again until `is_true`, up to the deadline.
template <typename Question>
bool eventually(Question is_true) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!is_true()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    pause_between_questions();
  }
  return true;
}

}  // namespace fixture
