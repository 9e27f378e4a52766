#include "transport/secrets.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace jtrace::inline v1::detail {
namespace {

constexpr std::size_t kShortest = 3;  // what is shorter is in every text, and no secret

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U; };
    const unsigned all = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (std::size_t digit = 0; digit < 4; ++digit)
      text += i + digit <= bytes.size() ? kDigits[all >> (18 - 6 * digit) & 63] : '=';
  }
  return text;
}

}  // namespace

Secrets::Secrets(const Settings& settings) {
  add_login(settings.login.user, settings.login.password);
  add_login(settings.proxy.user, settings.proxy.password);
  add(settings.login.token);
  for (const Header& header : settings.headers) add(header.value);
  if (const auto query = settings.endpoint.url.find('?'); query != std::string::npos)
    add(settings.endpoint.url.substr(query + 1));
  // The longest first: one may be a part of another.
  std::sort(secrets_.begin(), secrets_.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

void Secrets::add(std::string secret) {
  if (secret.size() >= kShortest) secrets_.push_back(std::move(secret));
}

void Secrets::add_login(const std::string& user, const std::string& password) {
  if (password.empty()) return;
  add(password);
  add(base64(user + ":" + password));
}

std::string Secrets::hide(std::string text) const {
  constexpr std::string_view kMask = "***";
  for (const std::string& secret : secrets_) {
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += kMask.size())
      text.replace(at, secret.size(), kMask);
  }
  return text;
}

}  // namespace jtrace::inline v1::detail
