#include "collector.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent_port.h"
#include "console.h"
#include "fault_plan.h"
#include "fault_report.h"
#include "file.h"
#include "http_server.h"
#include "ingest.h"
#include "ingest_port.h"
#include "json_ui.h"
#include "query.h"
#include "store.h"
#include "tee.h"
#include "waterfall.h"

namespace jtrace::collector {
namespace {

using namespace std::chrono_literals;
using Clock = Store::Clock;

constexpr std::size_t kDefaultWidth = 100;
// So many bodies of the largest size may be in memory at the same time.
constexpr std::size_t kBodiesAtOnce = 8;
// Queries have no body worth keeping.
constexpr std::size_t kMaxQueryBody = 64 * 1024;
// Traces printed in one go, between two looks at the signals.
constexpr std::size_t kTracesInOneGo = 64;
// The file is written when traces became quiet, but not more often than this.
constexpr auto kFileInterval = 2s;
// At the end, what was accepted last has so long to be passed on.
constexpr auto kTeeGrace = 500ms;

void complain(const std::string& text) { std::fprintf(stderr, "jtrace-collector: %s\n", text.c_str()); }

// SIGINT, SIGTERM and SIGHUP become readable here and act nowhere else. Made before any thread, so that all
// inherit it.
int open_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Idle connections hold descriptors; the usual 1024 are soon gone.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
  setrlimit(RLIMIT_NOFILE, &files);
}

// How a program on this machine reaches an address that we listen on.
std::string reachable(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  if (host == "::") return "[::1]";
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// Whether the locale says that the terminal knows no more than ASCII. Silence counts as UTF-8: bare
// containers set nothing, and today's terminals know it.
bool is_ascii_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (!value || !*value) continue;
    std::string charset = value;
    std::transform(charset.begin(), charset.end(), charset.begin(), [](unsigned char c) { return std::tolower(c); });
    return charset.find("utf-8") == std::string::npos && charset.find("utf8") == std::string::npos;
  }
  return false;
}

bool wants_colours(Colour colour, bool is_terminal) {
  if (colour != Colour::kAuto) return colour == Colour::kAlways;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal && std::string_view(terminal) == "dumb";
  return is_terminal && !is_dumb && !(no_color && *no_color);
}

std::unique_ptr<Tee> make_tee(const std::string& url) { return url.empty() ? nullptr : std::make_unique<Tee>(url, complain); }

class Collector {
 public:
  explicit Collector(const Options& options)
      : options_(options),
        signals_(open_signals()),
        arrivals_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        console_(signals_),
        store_(options.max_memory),
        ingest_(store_, [this] { announce_arrival(); }),
        query_(store_, [this] { return to_json(fault_report()); }),
        faults_(options.faults),
        tee_(make_tee(options.tee_url)),
        ingest_port_([this](const HttpRequest& request) { return ingest_.handle(request); },
                     {options.max_body, kBodiesAtOnce * options.max_body}, faults_,
                     [this](const std::string& body) { pass_on(body); }),
        agent_compact_(Wire::kCompact, [this](std::string_view datagram, Wire wire) { return ingest_.take(datagram, wire); }),
        agent_binary_(Wire::kBinary, [this](std::string_view datagram, Wire wire) { return ingest_.take(datagram, wire); }),
        otlp_server_([this](const HttpRequest& request) { return ingest_.handle_otlp(request); },
                     {options.max_body, kBodiesAtOnce * options.max_body}),
        query_server_([this](const HttpRequest& request) { return query_.handle(request); },
                      {kMaxQueryBody, kBodiesAtOnce * kMaxQueryBody}) {}

  ~Collector() {
    stop();
    close(arrivals_);
    close(signals_);
  }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  int run() {
    if (!start() || !announce()) return 1;
    while (!wait()) {
      announce_coming_up();
      show_quiet(options_.quiet_period);
    }
    return finish() ? 0 : 1;
  }

 private:
  bool start();
  void stop();
  bool listen_otlp();
  bool may_go_on(const std::optional<std::string>& problem, const Options::Extra& wanted, const char* option) const;
  std::string otlp_line() const;
  bool listen(AgentPort& at, const Options::Extra& wanted, const char* option);
  std::string agent_line(const AgentPort& at, const char* protocol) const;
  bool announce();
  void announce_faults();
  void come_up(const std::optional<std::string>& problem);
  void announce_coming_up();
  void pass_on(const std::string& body);
  FaultReport fault_report() const;
  int milliseconds_to_next() const;
  bool wait();
  bool finish();

  void announce_arrival();
  void show_quiet(Clock::duration period);
  void show(const Trace& trace);
  bool write_out_file();
  void warn_of_eviction();
  bool report(const std::optional<std::string>& problem);
  std::optional<std::string> check_tee() const;
  std::string ingest_url() const;
  std::string page(const std::string& path) const;

  const Options options_;
  const int signals_;
  const int arrivals_;  // readable when spans came
  Console console_;
  Store store_;
  Ingest ingest_;
  Query query_;
  FaultPlan faults_;
  const std::unique_ptr<Tee> tee_;  // null: nothing is passed on
  IngestPort ingest_port_;
  AgentPort agent_compact_, agent_binary_;
  HttpServer otlp_server_;
  bool has_otlp_ = false;
  HttpServer query_server_;

  std::atomic<bool> has_come_up_{false};  // set on the port's thread when --down-for is over

  bool is_file_failing_ = false;
  bool has_warned_of_eviction_ = false;
  bool is_file_stale_ = false;
  Clock::time_point file_written_at_;
};

bool Collector::report(const std::optional<std::string>& problem) {
  if (problem) complain(*problem);
  return !problem;
}

bool Collector::start() {
  allow_many_files();
  if (!options_.out_file.empty() && !report(write_file(options_.out_file, ui_envelope("[]", 0)))) return false;
  return report(ingest_port_.listen(options_.host, options_.port, [this](const auto& problem) { come_up(problem); })) &&
         report(check_tee()) && report(query_server_.listen(options_.host, options_.query_port)) &&
         listen_otlp() && listen(agent_compact_, options_.agent_compact, "agent-compact-port") &&
         listen(agent_binary_, options_.agent_binary, "agent-binary-port");
}

bool Collector::listen(AgentPort& at, const Options::Extra& wanted, const char* option) {
  return !wanted.is_wanted || may_go_on(at.listen(options_.host, wanted.port), wanted, option);
}

bool Collector::listen_otlp() {
  const Options::Extra& wanted = options_.otlp;
  if (!wanted.is_wanted) return true;
  const auto problem = otlp_server_.listen(options_.host, wanted.port);
  has_otlp_ = !problem;
  return may_go_on(problem, wanted, "otlp-port");
}

// With such a port or without it.
bool Collector::may_go_on(const std::optional<std::string>& problem, const Options::Extra& wanted, const char* option) const {
  if (!problem) return true;
  complain(*problem + (wanted.is_given ? "" : "; going on without it, see --" + std::string(option)));
  return !wanted.is_given;
}

void Collector::stop() {
  ingest_port_.stop();
  agent_compact_.stop();
  agent_binary_.stop();
  otlp_server_.stop();
  query_server_.stop();
}

// Otherwise each batch would come round for ever.
std::optional<std::string> Collector::check_tee() const {
  if (options_.tee_url != ingest_url()) return std::nullopt;
  return "--tee: " + options_.tee_url + " is this collector itself";
}

std::string Collector::ingest_url() const {
  return "http://" + reachable(options_.host) + ":" + std::to_string(ingest_port_.port()) + "/api/traces";
}

std::string Collector::page(const std::string& path) const {
  return "http://" + reachable(options_.host) + ":" + std::to_string(query_server_.port()) + path;
}

std::string Collector::agent_line(const AgentPort& at, const char* protocol) const {
  if (!at.is_listening()) return "";
  return "agent: udp://" + reachable(options_.host) + ":" + std::to_string(at.port()) + " " + protocol + "\n";
}

std::string Collector::otlp_line() const {
  if (!has_otlp_) return "";
  return "otlp: http://" + reachable(options_.host) + ":" + std::to_string(otlp_server_.port()) + "/v1/traces\n";
}

// The file first: who has read the lines may take it away.
bool Collector::announce() {
  const std::string lines = "collector: " + ingest_url() + "\nquery: " + page("/search") + "\n" +
                            agent_line(agent_compact_, "thrift.compact") + agent_line(agent_binary_, "thrift.binary") + otlp_line();
  if (!options_.ports_file.empty() && !report(write_file(options_.ports_file, lines))) return false;
  console_.write(lines);
  announce_faults();
  return true;
}

void Collector::announce_faults() {
  const std::string faults = to_text(options_.faults);
  if (!faults.empty()) console_.write("faults: " + faults + " --seed " + std::to_string(options_.faults.seed) + "\n");
}

// The port's thread calls this; the main thread tells of it, since the console is its own.
void Collector::come_up(const std::optional<std::string>& problem) {
  if (!report(problem)) return;
  has_come_up_ = true;
  announce_arrival();
}

void Collector::announce_coming_up() {
  if (has_come_up_.exchange(false)) console_.write("faults: connections are accepted now\n");
}

void Collector::pass_on(const std::string& body) {
  if (tee_) tee_->push(body);
}

FaultReport Collector::fault_report() const {
  return {options_.faults.seed, to_text(options_.faults), faults_.counts(), store_.stats().received,
          tee_ ? std::optional(tee_->counts()) : std::nullopt};
}

void Collector::announce_arrival() {
  const std::uint64_t one = 1;
  // It fails only when it is readable already.
  [[maybe_unused]] const ssize_t written = write(arrivals_, &one, sizeof(one));
}

// When a trace will be quiet or the file has to follow, whichever comes first; -1 for neither.
int Collector::milliseconds_to_next() const {
  auto due = store_.next_quiet(options_.quiet_period);
  const auto file_due = file_written_at_ + kFileInterval;
  if (is_file_stale_ && (!due || file_due < *due)) due = file_due;
  if (!due) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

// Sleeps until there is something to do; true when that is to end.
bool Collector::wait() {
  std::array<pollfd, 2> events = {{{signals_, POLLIN, 0}, {arrivals_, POLLIN, 0}}};
  poll(events.data(), events.size(), milliseconds_to_next());
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(arrivals_, &count, sizeof(count));
  return events[0].revents != 0;
}

void Collector::show_quiet(Clock::duration period) {
  const auto traces = store_.take_quiet(Clock::now(), period, kTracesInOneGo);
  for (const Trace& trace : traces) show(trace);
  if (!traces.empty()) is_file_stale_ = !options_.out_file.empty();
  if (is_file_stale_ && Clock::now() - file_written_at_ >= kFileInterval) write_out_file();
  warn_of_eviction();
}

void Collector::show(const Trace& trace) {
  if (options_.quiet) return;
  WaterfallStyle style;
  style.colours = wants_colours(options_.colour, console_.is_terminal());
  style.ascii = options_.ascii || is_ascii_locale();
  style.width = options_.width != 0 ? options_.width : console_.width() != 0 ? console_.width() : kDefaultWidth;
  style.link = page("/trace/" + to_hex(trace.id));
  console_.write("\n" + draw_waterfall(trace, style));
}

// Complains when it begins to fail and tries again later: a full disk is no reason to stop collecting.
bool Collector::write_out_file() {
  if (options_.out_file.empty()) return true;
  std::string traces;
  for (const TraceId& id : store_.latest()) {
    const auto trace = store_.find(id);
    if (!trace) continue;
    if (!traces.empty()) traces += ",\n";
    traces += ui_trace(*trace);
  }
  const auto problem = write_file(options_.out_file, ui_envelope("[" + traces + "]", 0));
  if (problem && !is_file_failing_) complain(*problem);
  is_file_failing_ = problem.has_value();
  is_file_stale_ = false;
  file_written_at_ = Clock::now();
  return !problem;
}

void Collector::warn_of_eviction() {
  if (has_warned_of_eviction_ || store_.stats().evicted == 0) return;
  has_warned_of_eviction_ = true;
  complain("--max-memory is reached; from now on the oldest traces go");
}

bool Collector::finish() {
  stop();
  if (tee_) tee_->stop(kTeeGrace);
  while (store_.next_quiet(0s)) {
    for (const Trace& trace : store_.take_quiet(Clock::now(), 0s, kTracesInOneGo)) show(trace);
  }
  console_.write(to_lines(fault_report()));
  return write_out_file();
}

}  // namespace

int run_collector(const Options& options) { return Collector(options).run(); }

}  // namespace jtrace::collector
