#include "config/read_settings.h"

#include <errno.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "config/parse.h"
#include "config/tags.h"
#include "transport/endpoint.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr const char* kDurationAllowed = "a duration such as 500ms, 1s or 2m (a plain number means milliseconds)";
constexpr std::int64_t kBytesOfASpan = 128;  // what a span takes in the queue

// The sampler is put together from two keys once both are known.
struct Draft {
  Settings settings;
  std::string sampler_type;
  std::optional<double> sampler_param;
  std::string sampler_param_text;
};

// Null if the value was taken, else what is allowed.
using Apply = const char* (*)(Draft&, std::string_view);

struct Key {
  std::string_view name;
  const char* variable;
  Apply apply;
};

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

const char* take_service_name(Draft& draft, std::string_view text) {
  if (trim(text).empty()) return "a name that is not empty";
  draft.settings.service_name = text;
  return nullptr;
}

const char* take_endpoint(Draft& draft, std::string_view text) {
  auto endpoint = parse_endpoint(text);
  if (!endpoint) return kEndpointAllowed.data();
  draft.settings.endpoint = std::move(*endpoint);
  return nullptr;
}

const char* take_sampler_type(Draft& draft, std::string_view text) {
  const std::string_view type = trim(text);
  if (type != "const" && type != "probabilistic") return "const or probabilistic";
  draft.sampler_type = type;
  return nullptr;
}

const char* take_sampler_param(Draft& draft, std::string_view text) {
  const auto number = parse_number(text);
  const auto truth = parse_bool(text);
  if (!number && !truth) return "a number from 0 to 1";
  draft.sampler_param_text = text;
  draft.sampler_param = number ? *number : *truth ? 1 : 0;
  return nullptr;
}

const char* take_tags(Draft& draft, std::string_view text) {
  auto tags = parse_tags(text);
  if (!tags) return kTagsAllowed.data();
  draft.settings.tags = std::move(*tags);
  return nullptr;
}

constexpr Key kKeys[] = {
    {"service_name", "JAEGER_SERVICE_NAME", take_service_name},
    {"endpoint", "JAEGER_ENDPOINT", take_endpoint},
    {"disabled", "JAEGER_DISABLED", take_bool<&Settings::disabled>},
    {"sampler.type", "JAEGER_SAMPLER_TYPE", take_sampler_type},
    {"sampler.param", "JAEGER_SAMPLER_PARAM", take_sampler_param},
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
    {"trace_id_128bit", "JAEGER_TRACEID_128BIT", take_bool<&Settings::trace_id_128bit>},
    {"tags", "JAEGER_TAGS", take_tags},
};

Error refuse(std::string_view key, std::string_view value, const char* allowed) {
  const bool may_hold_secrets = key == "endpoint" || key == "JAEGER_ENDPOINT";
  const std::string shown = may_hold_secrets ? without_credentials(value) : std::string(value);
  return Error(std::string(key), shown, std::string(key) + "=\"" + shown + "\": allowed is " + allowed);
}

const Key* find(std::string_view name) noexcept {
  for (const Key& key : kKeys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

bool is_set_in_code(std::span<const ConfigView> from_code, std::string_view name) noexcept {
  for (const ConfigView& entry : from_code) {
    if (entry.key == name) return true;
  }
  return false;
}

void set_tag(std::vector<ProcessTag>& tags, std::string_view key, std::string_view value) {
  std::erase_if(tags, [&](const ProcessTag& tag) { return tag.key == key; });
  tags.push_back({std::string(key), std::string(value)});
}

Error read_environment(Draft& draft, std::span<const ConfigView> from_code) {
  for (const Key& key : kKeys) {
    const char* value = std::getenv(key.variable);
    if (!value || !*value || is_set_in_code(from_code, key.name)) continue;
    if (const char* allowed = key.apply(draft, value)) return refuse(key.variable, value, allowed);
  }
  return {};
}

Error read_code(Draft& draft, std::span<const ConfigView> from_code) {
  constexpr std::string_view kTag = "tags.";
  for (const ConfigView& entry : from_code) {
    if (entry.key.starts_with(kTag)) {
      if (entry.key == kTag) return refuse(entry.key, entry.value, "a key that is not empty");
      set_tag(draft.settings.tags, entry.key.substr(kTag.size()), entry.value);
      continue;
    }
    if (entry.value.empty() && entry.key == "endpoint") continue;  // off, as where it is not set at all
    const Key* key = find(entry.key);
    if (!key) return refuse(entry.key, entry.value, "a key that this version knows");
    if (const char* allowed = key->apply(draft, entry.value)) return refuse(entry.key, entry.value, allowed);
  }
  return {};
}

Error choose_sampler(Draft& draft, bool param_in_code) {
  const bool constant = draft.sampler_type.empty() || draft.sampler_type == "const";
  const double param = draft.sampler_param.value_or(constant ? 1 : 0.001);  // Jaeger's default rate
  const bool is_right = constant ? param == 0 || param == 1 : param >= 0 && param <= 1;
  if (!is_right) {
    return refuse(param_in_code ? "sampler.param" : "JAEGER_SAMPLER_PARAM", draft.sampler_param_text,
                  constant ? "0 or 1 for the sampler const" : "a rate from 0 to 1 for the sampler probabilistic");
  }
  draft.settings.sampler = constant ? Sampler::constant(param != 0) : Sampler::probabilistic(param);
  return {};
}

}  // namespace

SettingsOrError read_settings(std::span<const ConfigView> from_code) {
  Draft draft;
  draft.settings.service_name = program_invocation_short_name;
  if (draft.settings.service_name.empty()) draft.settings.service_name = "unknown";
  Error error = read_environment(draft, from_code);
  if (error.key().empty()) error = read_code(draft, from_code);
  if (error.key().empty()) error = choose_sampler(draft, is_set_in_code(from_code, "sampler.param"));
  return {std::move(draft.settings), std::move(error)};
}

}  // namespace jtrace::inline v1::detail
