#include "config/unknown_names.h"

#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "config/key.h"
#include "config/other_variables.h"
#include "config/spellings.h"

namespace jtrace::inline v1::detail {
namespace {

// Read by others: other parts of jtrace (two of them as headers, where an environment is a carrier), or clients that do what jtrace does not.
constexpr const char* kElsewhere[] = {"JAEGER_DEBUG_ID", "JAEGER_BAGGAGE", "JTRACE_LOG_LEVEL", "JTRACE_CLOCK", "JTRACE_COLLECTOR", "JTRACE_OS_RELEASE",
                                      "JAEGER_RPC_METRICS", "JAEGER_SENDER_FACTORY", "JAEGER_AGENT_SOCKET_TYPE",
                                      "JAEGER_REPORTER_ATTEMPT_RECONNECTING_DISABLED",
                                      "JAEGER_REPORTER_ATTEMPT_RECONNECT_INTERVAL", "JAEGER_SAMPLER_SAMPLING_PATH",
                                      "JAEGER_SAMPLER_HOST", "JAEGER_SAMPLER_PORT"};
constexpr std::string_view kGroupsElsewhere[] = {"JTRACE_TEST_", "JTRACE_INSTRUMENT", "JAEGER_GRPC_"};

// Levenshtein's: letters to put in, take out or change.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, diagonal + 1, changed});
    }
  }
  return row.back();
}

class Nearest {
 public:
  explicit Nearest(std::string_view name) : plain_(plain_name(name)) {}

  void compare(std::string_view known) {
    const std::size_t far = distance(plain_, plain_name(known));
    if (far >= least_) return;
    least_ = far;
    nearest_ = known;
  }
  std::string_view name() const noexcept { return nearest_; }

 private:
  const std::string plain_;
  std::size_t least_ = std::max<std::size_t>(2, plain_.size() / 3) + 1;  // farther is not near
  std::string_view nearest_;
};

bool is_of_ours(std::string_view name) noexcept { return name.starts_with("JAEGER_") || name.starts_with("JTRACE_"); }

// "…_SERVICE_HOST", "…_SERVICE_PORT", "…_SERVICE_PORT_HTTP", and "…_PORT…" with the address of a service.
bool is_of_kubernetes(std::string_view name, std::string_view value) noexcept {
  return name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != std::string_view::npos ||
         name.find("_TCP") != std::string_view::npos || name.find("_UDP") != std::string_view::npos ||
         (name.ends_with("_PORT") && (value.starts_with("tcp://") || value.starts_with("udp://")));
}

template <class F>
void for_each_variable(F&& use) {
  for (const Key& key : all_keys()) use(std::string_view(key.variable));
  for (const char* name : other_variable_names()) use(std::string_view(name));
  for (const char* name : kElsewhere) use(std::string_view(name));
}

bool is_known(std::string_view name) {
  bool found = std::any_of(std::begin(kGroupsElsewhere), std::end(kGroupsElsewhere),
                           [&](std::string_view group) { return name.starts_with(group); });
  for_each_variable([&](std::string_view known) { found = found || known == name; });
  return found;
}

}  // namespace

std::string_view nearest_key(std::string_view name) {
  Nearest nearest(name);
  for (const Key& key : all_keys()) nearest.compare(key.name);
  return nearest.name();
}

std::string_view nearest_variable(std::string_view name) {
  Nearest nearest(name);
  for_each_variable([&](std::string_view known) {
    if (is_of_ours(known)) nearest.compare(known);
  });
  return nearest.name();
}

std::string suggest(std::string_view nearest) {
  if (nearest.empty()) return {};
  std::string text("; was ");
  text += nearest;
  text += " meant?";
  return text;
}

std::vector<std::string> unknown_variables() {
  std::vector<std::string> lines;
  for (char** variable = environ; variable && *variable; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    if (name.size() == text.size() || !is_of_ours(name) || is_known(name)) continue;
    if (is_of_kubernetes(name, text.substr(name.size() + 1))) continue;
    lines.push_back("the variable " + std::string(name) + " has no effect" + suggest(nearest_variable(name)));
  }
  return lines;
}

}  // namespace jtrace::inline v1::detail
