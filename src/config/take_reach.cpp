#include "config/take_reach.h"

#include <filesystem>
#include <utility>

#include "config/headers.h"
#include "config/parse.h"
#include "config/pem_file.h"
#include "transport/endpoint.h"
#include "transport/gzip.h"
#include "transport/proxy.h"

namespace jtrace::inline v1::detail {
namespace {

// As seen from here: the program may go to another folder before the file is needed.
std::string absolute(std::string_view path) {
  std::error_code ignored;
  const auto whole = std::filesystem::absolute(std::filesystem::path(path), ignored);
  return ignored ? std::string(path) : whole.string();
}

const char* take_pem(std::string& into, std::string_view path, Pem wanted) {
  std::string file = absolute(path);
  if (const char* allowed = why_no_pem(file, wanted)) return allowed;
  into = std::move(file);
  return nullptr;
}

bool has_control(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

bool is_host(std::string_view text) noexcept {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos;
}

}  // namespace

const char* take_endpoint(Draft& draft, std::string_view text) {
  auto endpoint = parse_endpoint(text);
  if (!endpoint) return kEndpointAllowed.data();
  draft.settings.endpoint = std::move(*endpoint);
  draft.endpoint_text = text;
  return nullptr;
}

const char* take_tls_ca(Draft& draft, std::string_view path) {
  return take_pem(draft.settings.tls.ca, path, Pem::certificate);
}

const char* take_tls_cert(Draft& draft, std::string_view path) {
  return take_pem(draft.settings.tls.cert, path, Pem::certificate);
}

const char* take_tls_key(Draft& draft, std::string_view path) {
  return take_pem(draft.settings.tls.key, path, Pem::private_key);
}

const char* take_tls_server_name(Draft& draft, std::string_view text) {
  if (!is_host(trim(text))) return "the name of a host, without port";
  draft.settings.tls.server_name = trim(text);
  return nullptr;
}

const char* take_tls_skip_verify(Draft& draft, std::string_view text) {
  const auto value = parse_bool(text);
  if (!value) return "true or false";
  draft.settings.tls.skip_verify = *value;
  return nullptr;
}

const char* take_user(Draft& draft, std::string_view text) {
  if (has_control(text) || text.find(':') != std::string_view::npos)
    return "a name without ':', line breaks and other control characters";
  draft.settings.login.user = text;
  return nullptr;
}

const char* take_password(Draft& draft, std::string_view text) {
  if (has_control(text)) return "a password without line breaks and other control characters";
  draft.settings.login.password = text;
  return nullptr;
}

const char* take_token(Draft& draft, std::string_view text) {
  text = trim(text);
  for (const char c : text) {
    if (c <= ' ' || c == 0x7f) return "the token alone, without blanks, line breaks and the word Bearer";
  }
  draft.settings.login.token = text;
  return nullptr;
}

const char* take_headers(Draft& draft, std::string_view text) { return add_headers(draft.settings.headers, text); }

const char* take_proxy(Draft& draft, std::string_view text) {
  text = trim(text);
  draft.proxy = text == "none" ? Proxy{} : parse_proxy(text);
  return draft.proxy ? nullptr : kProxyAllowed.data();
}

const char* take_compression(Draft& draft, std::string_view text) {
  text = trim(text);
  if (text == "gzip" && !Gzip::is_built_in()) return "none: this jtrace was built without zlib";
  if (text != "none" && text != "gzip") return "none or gzip";
  draft.settings.gzip = text == "gzip";
  return nullptr;
}

}  // namespace jtrace::inline v1::detail
