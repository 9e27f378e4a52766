#include "config/read_settings.h"

#include <errno.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/draft.h"
#include "config/headers.h"
#include "config/other_variables.h"
#include "config/parse.h"
#include "config/said.h"
#include "config/sampling.h"
#include "config/settle_reach.h"
#include "config/settle_way.h"
#include "config/tags.h"
#include "config/take_propagation.h"
#include "config/take_reach.h"
#include "config/take_reporters.h"
#include "config/unknown_names.h"
#include "transport/endpoint.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr const char* kDurationAllowed = "a duration such as 500ms, 1s or 2m (a plain number means milliseconds)";
constexpr std::int64_t kBytesOfASpan = 128;  // what a span takes in the queue

// Keys of which there may be many: what follows the point is the name of the tag or header.
constexpr std::string_view kTag = "tags.", kHeader = "headers.";

template <bool Settings::* Member>
const char* take_bool(Draft& draft, std::string_view text) {
  const auto value = parse_bool(text);
  if (!value) return "true or false";
  draft.settings.*Member = *value;
  return nullptr;
}

template <Nanoseconds Settings::* Member, bool MayBeZero = false>
const char* take_duration(Draft& draft, std::string_view text) {
  const auto value = parse_duration(text);
  if (!value || (!MayBeZero && value->count() == 0)) return kDurationAllowed;
  draft.settings.*Member = *value;
  return nullptr;
}

template <Nanoseconds RetrySettings::* Member>
const char* take_retry(Draft& draft, std::string_view text) {
  const auto value = parse_duration(text);
  if (!value || value->count() == 0) return kDurationAllowed;
  draft.settings.retry.*Member = *value;
  return nullptr;
}

template <std::int64_t Settings::* Member, std::int64_t Least, std::int64_t PlainUnit = 1>
const char* take_bytes(Draft& draft, std::string_view text) {
  const auto value = parse_bytes(text, PlainUnit);
  if (!value || *value <= 0 || *value > (std::int64_t{1} << 40))
    return PlainUnit == 1 ? "a size such as 65536, 64KiB or 1MiB" : "a number of spans, or a size such as 64MiB";
  draft.settings.*Member = std::max(*value, Least);
  return nullptr;
}

template <std::int64_t Limits::* Member, std::int64_t Least>
const char* take_limit(Draft& draft, std::string_view text) {
  const auto value = parse_number(text);
  if (!value || *value < 0 || *value > 1e9 || *value != static_cast<double>(static_cast<std::int64_t>(*value)))
    return "a whole number, or 0 for no limit";
  const auto count = static_cast<std::int64_t>(*value);
  draft.settings.limits.*Member = count == 0 ? 0 : std::max(count, Least);
  return nullptr;
}

const char* take_service_name(Draft& draft, std::string_view text) {
  if (trim(text).empty()) return "a name that is not empty";
  draft.settings.service_name = text;
  return nullptr;
}

const char* take_path(Draft&, std::string_view) { return nullptr; }  // the file was read by now
const char* take_validate(Draft&, std::string_view text) { return parse_bool(text) ? nullptr : "true or false"; }

void set_tag(std::vector<ProcessTag>& tags, std::string_view key, std::string_view value) {
  std::erase_if(tags, [&](const ProcessTag& tag) { return tag.key == key; });
  tags.push_back({std::string(key), std::string(value)});
}

const char* take_tags(Draft& draft, std::string_view text) {
  const auto tags = parse_tags(text);
  if (!tags) return kTagsAllowed.data();
  for (const ProcessTag& tag : *tags) set_tag(draft.settings.tags, tag.key, tag.value);
  return nullptr;
}

constexpr Key kKeys[] = {
    {"service_name", "JAEGER_SERVICE_NAME", take_service_name},
    {"endpoint", "JAEGER_ENDPOINT", take_endpoint, Shown::address, true},
    {"local_agent.reporting_host", "JAEGER_AGENT_HOST", take_agent_host, Shown::whole, true},
    {"local_agent.reporting_port", "JAEGER_AGENT_PORT", take_agent_port},
    {"local_agent.max_packet_bytes", "JTRACE_AGENT_MAX_PACKET_BYTES", take_max_packet_bytes},
    {"protocol", "JTRACE_PROTOCOL", take_protocol, Shown::whole, true},
    {"logging", "JAEGER_REPORTER_LOG_SPANS", take_logging},
    {"file", "JTRACE_FILE", take_file, Shown::whole, true},
    {"file_format", "JTRACE_FILE_FORMAT", take_file_format, Shown::whole, true},
    {"stats_interval", "JTRACE_STATS_INTERVAL", take_duration<&Settings::stats_interval>},
    {"tls.ca", "JAEGER_TLS_CA", take_tls_ca, Shown::whole, true},
    {"tls.cert", "JAEGER_TLS_CERT", take_tls_cert, Shown::whole, true},
    {"tls.key", "JAEGER_TLS_KEY", take_tls_key, Shown::whole, true},
    {"tls.server_name", "JAEGER_TLS_SERVER_NAME", take_tls_server_name, Shown::whole, true},
    {"tls.skip_verify", "JAEGER_TLS_SKIP_VERIFY", take_tls_skip_verify},
    {"auth.user", "JAEGER_USER", take_user, Shown::nothing, true},
    {"auth.password", "JAEGER_PASSWORD", take_password, Shown::nothing, true},
    {"auth.token", "JAEGER_AUTH_TOKEN", take_token, Shown::nothing, true},
    {"headers", "JTRACE_HEADERS", take_headers, Shown::nothing},
    {"proxy", "JTRACE_PROXY", take_proxy, Shown::address, true},
    {"compression", "JTRACE_COMPRESSION", take_compression, Shown::whole, true},
    {"disabled", "JAEGER_DISABLED", take_bool<&Settings::disabled>},
    {"sampler.type", "JAEGER_SAMPLER_TYPE", take_sampler_type},
    {"sampler.param", "JAEGER_SAMPLER_PARAM", take_sampler_param},
    {"sampler.endpoint", "JAEGER_SAMPLING_ENDPOINT", take_sampling_endpoint, Shown::address, true},
    {"sampler.manager_host_port", "JAEGER_SAMPLER_MANAGER_HOST_PORT", take_sampling_manager, Shown::address, true},
    {"sampler.refresh_interval", "JAEGER_SAMPLER_REFRESH_INTERVAL", take_sampling_interval},
    {"sampler.max_operations", "JAEGER_SAMPLER_MAX_OPERATIONS", take_max_operations},
    {"flush_interval", "JAEGER_REPORTER_FLUSH_INTERVAL", take_duration<&Settings::flush_interval>},
    {"exit_flush_timeout", "JTRACE_EXIT_FLUSH_TIMEOUT", take_duration<&Settings::exit_flush_timeout, true>},
    {"connect_timeout", "JTRACE_CONNECT_TIMEOUT", take_duration<&Settings::connect_timeout>},
    {"request_timeout", "JTRACE_REQUEST_TIMEOUT", take_duration<&Settings::request_timeout>},
    {"retry.initial", "JTRACE_RETRY_INITIAL", take_retry<&RetrySettings::initial>},
    {"retry.max", "JTRACE_RETRY_MAX", take_retry<&RetrySettings::max>},
    {"max_retry_time", "JTRACE_MAX_RETRY_TIME", take_duration<&Settings::max_retry_time, true>},
    {"max_pending_bytes", "JTRACE_MAX_PENDING_BYTES", take_bytes<&Settings::max_pending_bytes, 1>},
    {"max_queue_bytes", "JAEGER_REPORTER_MAX_QUEUE_SIZE", take_bytes<&Settings::max_queue_bytes, 65536, kBytesOfASpan>},
    {"max_open_bytes", "JTRACE_MAX_OPEN_BYTES", take_bytes<&Settings::max_open_bytes, 65536>},
    {"max_batch_bytes", "JTRACE_MAX_BATCH_BYTES", take_bytes<&Settings::max_batch_bytes, 1024>},
    {"max_span_bytes", "JTRACE_MAX_SPAN_BYTES", take_bytes<&Settings::max_span_bytes, 1024>},
    {"limits.value_length", "JTRACE_MAX_VALUE_LENGTH", take_limit<&Limits::value_length, Limits::kLeastLength>},
    {"limits.tags", "JTRACE_MAX_TAGS", take_limit<&Limits::tags, 1>},
    {"limits.logs", "JTRACE_MAX_LOGS", take_limit<&Limits::logs, 1>},
    {"limits.log_fields", "JTRACE_MAX_LOG_FIELDS", take_limit<&Limits::log_fields, 1>},
    {"trace_id_128bit", "JAEGER_TRACEID_128BIT", take_bool<&Settings::trace_id_128bit>},
    {"tags", "JAEGER_TAGS", take_tags},
    {"config_file", "JTRACE_CONFIG", take_path, Shown::whole, true},
    {"validate", "JTRACE_VALIDATE", take_validate},
    {"propagation", "JAEGER_PROPAGATION", take_propagation, Shown::whole, true},
    {"trace_id_header", "JTRACE_TRACE_ID_HEADER", take_trace_id_header},
    {"baggage_header_prefix", "JTRACE_BAGGAGE_HEADER_PREFIX", take_baggage_header_prefix},
    {"debug_id_header", "JTRACE_DEBUG_ID_HEADER", take_debug_id_header},
    {"baggage_header", "JTRACE_BAGGAGE_HEADER", take_baggage_header},
    {"baggage.max_items", "JTRACE_BAGGAGE_MAX_ITEMS", take_baggage_max_items},
    {"baggage.max_key_bytes", "JTRACE_BAGGAGE_MAX_KEY_BYTES", take_baggage_max_key_bytes},
    {"baggage.max_value_bytes", "JTRACE_BAGGAGE_MAX_VALUE_BYTES", take_baggage_max_value_bytes},
    {"baggage.allowed", "JTRACE_BAGGAGE_ALLOWED", take_baggage_allowed, Shown::whole, true},
};

const char* take_tag(Draft& draft, std::string_view key, std::string_view value) {
  if (key.empty()) return "a key that is not empty";
  set_tag(draft.settings.tags, key, value);
  return nullptr;
}

const char* take_header(Draft& draft, std::string_view name, std::string_view value) {
  if (const char* allowed = why_no_header(name, value)) return allowed;
  set_header(draft.settings.headers, name, value);
  return nullptr;
}

const char* apply(Draft& draft, const Said& said) {
  const std::string_view name = said.name;
  if (name.starts_with(kTag)) return take_tag(draft, name.substr(kTag.size()), said.value);
  if (name.starts_with(kHeader)) return take_header(draft, name.substr(kHeader.size()), said.value);
  return said.value.empty() && said.key->may_be_empty ? nullptr : said.key->apply(draft, said.value);
}

// The strongest word for each key; of those of which there may be many, all.
Error apply_all(Draft& draft, const std::vector<Said>& list) {
  for (const Said& said : list) {
    const bool is_one_of_many = said.key->apply == take_tags || said.key->apply == take_headers;
    if (!is_one_of_many && said_of(list, said.name) != &said) continue;
    if (const char* allowed = apply(draft, said)) return refuse(said, allowed);
  }
  return {};
}

// As it was said; else its variable. Of a header, also where it is one of a list.
std::string name_of(std::string_view name, const std::vector<Said>& list) {
  const Said* said = said_of(list, name);
  if (!said && name.starts_with(kHeader)) said = said_of(list, "headers");
  const Key* key = find_key(name);
  return said ? said->spelling : key ? key->variable : std::string(name);
}

// What several keys say together.
Error conclude(Draft& draft, const std::vector<Said>& list) {
  Error error = settle_sampling(draft, list);
  const auto name = [&](std::string_view key) { return name_of(key, list); };
  const auto is_in_code = [&](std::string_view key) {
    const Said* said = said_of(list, key);
    return said && said->by == Said::By::code;
  };
  if (error.key().empty()) error = settle_way(draft, is_in_code, name);
  if (error.key().empty()) error = settle_reach(draft, name);
  return error;
}

}  // namespace

std::span<const Key> all_keys() noexcept { return kKeys; }

const Key* find_key(std::string_view name) noexcept {
  if (name.starts_with(kTag)) name = "tags";
  if (name.starts_with(kHeader)) name = "headers";
  for (const Key& key : kKeys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

std::string shown_value(std::string_view value, Shown how) {
  return how == Shown::nothing   ? "***"
         : how == Shown::address ? without_secrets(value)
                                 : std::string(value);
}

SettingsOrError read_settings(std::span<const ConfigView> from_code) {
  Draft draft;
  draft.settings.service_name = program_invocation_short_name;
  if (draft.settings.service_name.empty()) draft.settings.service_name = "unknown";
  take_own_sampler(draft, from_code);
  for (const ConfigView& entry : from_code) {
    if (is_object(entry.key)) take_object(draft, entry.key, entry.value);
  }
  AllSaid all = gather(from_code);
  Error error = std::move(all.error);
  for (std::string& line : unknown_variables()) all.warnings.push_back(std::move(line));
  for (std::string& line : other_variable_warnings()) all.warnings.push_back(std::move(line));
  if (error.key().empty()) error = apply_all(draft, all.list);
  if (error.key().empty()) error = conclude(draft, all.list);
  return {std::move(draft.settings), std::move(error), std::move(all.warnings)};
}

}  // namespace jtrace::inline v1::detail
