// CurlUrl: a URL taken apart by libcurl's own parser, so that nothing is understood here in another way than where it is
// used. All of it may throw std::bad_alloc.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace jtrace::inline v1::detail {

class CurlUrl {
 public:
  explicit CurlUrl(const std::string& text) : url_(curl_url(), curl_url_cleanup) {
    if (!url_) throw std::bad_alloc();
    is_valid_ = is_well(curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME));
  }

  bool is_valid() const noexcept { return is_valid_; }
  // Empty where there is none.
  std::string part(CURLUPart which, unsigned flags = 0) const {
    char* text = nullptr;
    if (!is_well(curl_url_get(url_.get(), which, &text, flags))) return "";
    const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
    return text;
  }
  // Null: removes it.
  void set(CURLUPart which, const char* value) { is_well(curl_url_set(url_.get(), which, value, 0)); }
  void remove_credentials() {
    set(CURLUPART_USER, nullptr);
    set(CURLUPART_PASSWORD, nullptr);
  }

 private:
  static bool is_well(CURLUcode code) {
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    return code == CURLUE_OK;
  }

  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_;
  bool is_valid_ = false;
};

inline bool has_blank_or_control(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return true;
  }
  return false;
}

}  // namespace jtrace::inline v1::detail
