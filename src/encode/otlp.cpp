#include "encode/otlp.h"

#include <algorithm>

#include "encode/utf8.h"

namespace jtrace::inline v1::detail {
namespace {

constexpr std::string_view kKinds[] = {"internal", "server", "client", "producer", "consumer"};  // from 1

const Field* find(const SpanData& span, std::string_view key, Value::Type type) noexcept {
  for (const Field& tag : span.tags) {
    if (tag.key.view() == key) return tag.value.type() == type ? &tag : nullptr;
  }
  return nullptr;
}

}  // namespace

OtlpSpan::OtlpSpan(const SpanData& span) noexcept {
  if (const Field* tag = find(span, "span.kind", Value::Type::text)) {
    const auto* known = std::find(std::begin(kKinds), std::end(kKinds), tag->value.as_text());
    if (known != std::end(kKinds)) {
      kind = static_cast<unsigned>(known - kKinds) + 1;
      kind_tag = tag;
    }
  }
  if (const Field* tag = find(span, "error", Value::Type::boolean); tag && tag->value.as_bool()) {
    status = 2;
    error_tag = tag;
  }
  if (const Field* tag = find(span, "otel.status_code", Value::Type::text)) {
    const bool is_error = tag->value.as_text() == "ERROR";
    if (is_error || tag->value.as_text() == "OK") {
      code_tag = tag;
      if (status == 0) status = is_error ? 2 : 1;
    }
  }
  if (const Field* tag = status == 2 ? find(span, "otel.status_description", Value::Type::text) : nullptr) {
    message = tag->value.as_text();
    message_tag = tag;
  }
}

const Field* event_name(const SpanData& span, const LogData& log) noexcept {
  for (std::size_t i = 0; i < log.count; ++i) {
    const Field& field = span.log_fields[log.first + i];
    if (field.key.view() == "event" && field.value.type() == Value::Type::text) return &field;
  }
  return nullptr;
}

std::vector<ProcessTag> resource_attributes(std::string_view service_name, const std::vector<ProcessTag>& tags) {
  const auto has = [&](std::string_view key) { return std::any_of(tags.begin(), tags.end(), [&](const ProcessTag& tag) { return tag.key == key; }); };
  std::vector<ProcessTag> attributes = {{"service.name", repaired_utf8(service_name)}};
  for (const ProcessTag& tag : tags) {
    if (tag.key == "service.name") continue;
    const bool is_host = tag.key == "hostname" && !has("host.name");
    attributes.push_back({is_host ? "host.name" : repaired_utf8(tag.key), repaired_utf8(tag.value)});
  }
  return attributes;
}

}  // namespace jtrace::inline v1::detail
