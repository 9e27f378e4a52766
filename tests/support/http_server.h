// A real HTTP/1.1 server on the loopback interface, for tests of what goes over the wire.
//
// It runs on threads of its own, writes down every request (headers and body), and behaves as it is told:
// answers, keeps silent, resets the connection, drips its answer byte by byte, never reads. Tests wait for
// requests by condition. All calls may be made from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method, target, version;
  Headers headers;
  std::string body;
  std::size_t connection = 0;  // 0 for the first that was accepted, and so on
  int status = 0;              // of the answer that it was given; 0 if there was none, or not all of it

  bool was_accepted() const { return status >= 200 && status < 300; }

  // The value of a header, by its name without regard to case; empty if it is missing.
  std::string header(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};

// What the server does with a request, once it has read it.
struct Answer {
  enum class Manner {
    whole,         // answers
    drip,          // answers, byte by byte
    held,          // answers when let_go() is called
    never,         // keeps the connection and says nothing
    reset,         // resets the connection instead of an answer
    reset_midway,  // resets it after half of the answer
    hang_up,       // answers, promises to keep the connection, and closes it all the same
  };
  int status = 202;
  std::string body;
  Headers headers;
  bool keep_alive = true;  // false: says `Connection: close`, and closes
  Manner manner = Manner::whole;
  std::string version = "HTTP/1.1";  // what the answer begins with
};

class HttpServer {
 public:
  enum class Family { ipv4, ipv6 };
  // Reading::never accepts connections and reads nothing from them.
  enum class Reading { always, never };

  // Port 0: any that is free.
  explicit HttpServer(Answer answer = {}, Family family = Family::ipv4, Reading reading = Reading::always, std::uint16_t port = 0);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  static bool has_ipv6();

  std::uint16_t port() const { return port_; }
  std::string host_and_port() const;                       // 127.0.0.1:port, [::1]:port
  std::string url(std::string_view path_and_query) const;  // http://…
  std::string endpoint() const { return url("/api/traces"); }

  // From now on.
  void answers(Answer answer);
  void answers(int status) { answers(Answer{.status = status, .body = {}, .headers = {}}); }
  // From now on each request gets what is chosen for it then, on a thread of the server, one at a time.
  void answers_by(std::function<Answer()> choose);
  // Once each, in this order, before what the others say.
  void answers_next(Answer answer);
  // Lets held answers go, and those of later requests too.
  void let_go();

  static constexpr std::chrono::seconds kPatience{60};
  // True as soon as so many requests have been read.
  bool wait_for_requests(std::size_t count, std::chrono::nanoseconds at_most = kPatience) const;
  bool wait_for_connections(std::size_t count, std::chrono::nanoseconds at_most = kPatience) const;
  // True as soon as the condition holds of all requests so far; it is asked again after each one.
  bool wait_until(const std::function<bool(const std::vector<Request>&)>& holds,
                  std::chrono::nanoseconds at_most = kPatience) const;

  std::vector<Request> requests() const;
  std::size_t connections() const;

 private:
  void accept_all();
  void serve(int fd, std::size_t connection);
  bool read_request(int fd, std::string* buffer, Request* request);
  Answer record(Request request);
  Answer next_answer();
  bool send_answer(int fd, const Answer& answer);
  void wait_for_release();
  void wait_for_end();

  Family family_;
  Reading reading_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  int stop_pipe_[2] = {-1, -1};

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Answer answer_;
  std::function<Answer()> choose_;  // or none
  std::deque<Answer> next_;
  std::vector<Request> requests_;
  std::vector<int> open_;  // -1 once closed; the index is the connection's number
  std::vector<std::thread> servants_;
  bool released_ = false;
  bool stopping_ = false;

  std::thread acceptor_;
};

}  // namespace support
