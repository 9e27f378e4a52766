#include "otlp_status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace jtrace::collector {
namespace {

constexpr int kOk = 1;
constexpr int kError = 2;
constexpr int kServer = 2;
constexpr std::array<std::string_view, 6> kKinds = {"", "internal", "server", "client", "producer", "consumer"};

std::string text_of(const Span& span, std::string_view key) {
  const Value* value = find_tag(span.tags, key);
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  return text ? *text : std::string();
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

int named_status(const Span& span) {
  const std::string name = upper(text_of(span, "otel.status_code"));
  return name == "OK" ? kOk : name == "ERROR" ? kError : 0;
}

std::optional<std::int64_t> http_code(const Span& span) {
  const Value* value = find_tag(span.tags, "http.status_code");
  if (!value) return std::nullopt;
  if (const auto* number = std::get_if<std::int64_t>(value)) return *number;
  const auto* text = std::get_if<std::string>(value);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

// 4xx is the client's fault and no error of a server.
bool is_http_error(const Span& span, std::int64_t code) {
  const bool is_clients_fault = code >= 400 && code < 500;
  if (is_clients_fault && otlp_kind(span) == kServer) return false;
  return code < 100 || code > 398;
}

}  // namespace

int otlp_kind(const Span& span) {
  const std::string kind = span_kind(span);
  const auto found = std::find(kKinds.begin() + 1, kKinds.end(), kind);
  return found == kKinds.end() ? 0 : static_cast<int>(found - kKinds.begin());
}

OtlpStatus otlp_status(const Span& span) {
  const int named = named_status(span);
  const auto code = http_code(span);
  OtlpStatus status;
  if (is_error(span)) {
    status.code = kError;
  } else if (named != 0) {
    status.code = named;
  } else if (code && is_http_error(span, *code)) {
    status.code = kError;
  }
  if (status.code != kError) return status;
  status.message = text_of(span, "otel.status_description");
  if (status.message.empty() && named == 0) status.message = text_of(span, "http.status_message");
  return status;
}

bool is_told_by_status(const Span& span, const Tag& tag) {
  if (tag.key == "span.kind") return otlp_kind(span) != 0;
  if (tag.key == "error") return is_error(span);
  if (tag.key == "otel.status_code") return named_status(span) != 0;
  if (tag.key == "otel.status_description") return otlp_status(span).code == kError;
  return false;
}

}  // namespace jtrace::collector
