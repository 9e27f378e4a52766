#include "config/spellings.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <utility>
#include <vector>

#include "config/key.h"
#include "config/parse.h"

namespace jtrace::inline v1::detail {
namespace {

enum class As : std::uint8_t { is, seconds, milliseconds, opposite, host_and_port, nothing };

struct Spelling {
  std::string_view plain;  // as plain_name() makes it
  std::string_view key;
  As as = As::is;
};

// What is not here is spelled as in the table of settings. A '.' at the end: all that is below.
constexpr Spelling kSpellings[] = {
    // Python
    {"enabled", "disabled", As::opposite},
    {"metrics", "", As::nothing},
    {"samplingrefreshinterval", "sampler.refresh_interval", As::seconds},
    {"maxoperations", "sampler.max_operations"},
    {"localagent.enabled", "", As::nothing},
    {"localagent.samplingport", "sampler.manager_host_port"},
    {"reporterbatchsize", "", As::nothing},
    {"reporterqueuesize", "max_queue_bytes"},
    {"reporterflushinterval", "flush_interval", As::seconds},
    {"maxtagvaluelength", "limits.value_length"},
    {"maxtracebacklength", "", As::nothing},
    {"generate128bittraceid", "trace_id_128bit"},
    {"throttler.", "", As::nothing},
    // C++ and Go
    {"propagationformat", "propagation"},
    {"sampler.samplingserverurl", "sampler.endpoint"},
    {"sampler.samplingrefreshinterval", "sampler.refresh_interval", As::seconds},
    {"sampler.operationnamelatebinding", "", As::nothing},
    {"reporter.queuesize", "max_queue_bytes"},
    {"reporter.bufferflushinterval", "flush_interval", As::seconds},
    {"reporter.logspans", "logging"},
    {"reporter.localagenthostport", "local_agent", As::host_and_port},
    {"reporter.endpoint", "endpoint"},
    {"reporter.collectorendpoint", "endpoint"},
    {"reporter.user", "auth.user"},
    {"reporter.password", "auth.password"},
    {"reporter.httpheaders.", "headers."},
    {"reporter.disableattemptreconnecting", "", As::nothing},
    {"reporter.attemptreconnectinterval", "", As::nothing},
    {"headers.jaegerdebugheader", "debug_id_header"},
    {"headers.jaegerbaggageheader", "baggage_header"},
    {"headers.tracecontextheadername", "trace_id_header"},
    {"headers.tracebaggageheaderprefix", "baggage_header_prefix"},
    {"baggagerestrictions.denybaggageoninitializationfailure", "", As::nothing},
    {"baggagerestrictions.hostport", "", As::nothing},
    {"baggagerestrictions.refreshinterval", "", As::nothing},
    {"rpcmetrics", "", As::nothing},
    // Node
    {"disable", "disabled"},
    {"sampler.hostport", "sampler.manager_host_port"},
    {"sampler.refreshintervalms", "sampler.refresh_interval", As::milliseconds},
    {"sampler.samplingpath", "", As::nothing},
    {"reporter.agenthost", "local_agent.reporting_host"},
    {"reporter.agentport", "local_agent.reporting_port"},
    {"reporter.agentsockettype", "", As::nothing},
    {"reporter.username", "auth.user"},
    {"reporter.flushintervalms", "flush_interval", As::milliseconds},
    {"reporter.timeoutms", "request_timeout", As::milliseconds},
};

bool is_number(std::string_view text) noexcept {
  double number = 0;
  return std::from_chars(text.data(), text.data() + text.size(), number).ptr == text.data() + text.size() && !text.empty();
}

// The rest of a name below `group`, in its own spelling: "region" of "tags.region".
std::string below(std::string_view spelling, std::string_view group) {
  const auto points = std::count(group.begin(), group.end(), '.');
  std::size_t at = 0;
  for (auto i = points; i > 0; --i) at = spelling.find('.', at) + 1;
  return std::string(spelling.substr(at));
}

const Spelling* find_spelling(std::string_view plain) noexcept {
  const auto found = std::find_if(std::begin(kSpellings), std::end(kSpellings), [&](const Spelling& spelling) {
    return spelling.plain.ends_with('.') ? plain.starts_with(spelling.plain) : plain == spelling.plain;
  });
  return found == std::end(kSpellings) ? nullptr : found;
}

// Its own name in the table, in whatever way it is written.
std::string own_name(std::string_view spelling, std::string_view plain) {
  for (const std::string_view group : {"tags.", "headers."}) {
    if (plain.starts_with(group)) return std::string(group) + below(spelling, group);
  }
  for (const Key& key : all_keys()) {
    if (plain_name(key.name) == plain) return std::string(key.name);
  }
  return {};
}

void give_unit(std::string& value, const char* unit) {
  if (is_number(value)) value += unit;
}

// "host:6831" is two settings.
void split_agent(FileEntry entry, std::vector<FileEntry>& entries) {
  const std::size_t colon = entry.value.rfind(':');
  FileEntry port = entry;
  entry.name = "local_agent.reporting_host";
  port.name = "local_agent.reporting_port";
  if (colon != std::string::npos) {
    port.value = entry.value.substr(colon + 1);
    entry.value.resize(colon);
    entries.push_back(std::move(port));
  }
  if (!entry.value.empty()) entries.push_back(std::move(entry));
}

void translate_one(FileEntry entry, std::vector<FileEntry>& entries) {
  const std::string plain = plain_name(entry.spelling);
  const Spelling* spelling = find_spelling(plain);
  if (!spelling) {
    entry.name = own_name(entry.spelling, plain);
    entries.push_back(std::move(entry));
    return;
  }
  entry.name = spelling->key;
  if (spelling->plain.ends_with('.')) entry.name += below(entry.spelling, spelling->plain);
  switch (spelling->as) {
    case As::is: break;
    case As::seconds: give_unit(entry.value, "s"); break;
    case As::milliseconds: give_unit(entry.value, "ms"); break;
    case As::opposite:
      if (const auto value = parse_bool(entry.value)) entry.value = *value ? "false" : "true";
      break;
    case As::host_and_port: return split_agent(std::move(entry), entries);
    case As::nothing: return;
  }
  entries.push_back(std::move(entry));
}

}  // namespace

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '_' && c != '-') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  return plain;
}

void translate(File& file) {
  std::vector<FileEntry> entries;
  for (FileEntry& entry : file.entries) {
    if (entry.value.empty()) continue;
    if (plain_name(entry.spelling) == "validate") file.validate = entry.value;
    translate_one(std::move(entry), entries);
  }
  file.entries = std::move(entries);
}

}  // namespace jtrace::inline v1::detail
