// Text made safe to stand in an HTML page, between tags as well as inside quoted attributes.
//
// The five characters that HTML gives a meaning to become references, spelled as Go spells them.
#pragma once

#include <string>
#include <string_view>

namespace jtrace::collector {

inline std::string escape_html(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (char character : text) {
    switch (character) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&#34;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += character;
    }
  }
  return safe;
}

}  // namespace jtrace::collector
