// Content-Type as Go's mime package reads it, since Jaeger lets that package judge and shows its words.
//
// A media type is `type/subtype`, compared without regard to case, and may carry `; name=value` parameters,
// which are checked and then ignored.
#pragma once

#include <string>
#include <string_view>

namespace jtrace::collector {

struct MediaType {
  std::string name;   // lower case, without parameters
  std::string error;  // why the text is none, in Go's words; empty when it is one
};

MediaType parse_media_type(std::string_view text);

}  // namespace jtrace::collector
