// Said: one setting as somebody said it, still a text. All that was said, from the weakest to the strongest:
//
//   the file  <  the environment  <  code
//
// Of a key the strongest counts and the others are not even looked at; tags and headers add to each other by name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/entries.h"
#include "config/key.h"
#include "jtrace/error.h"

namespace jtrace::inline v1::detail {

struct Said {
  enum class By : std::uint8_t { file, environment, code };
  const Key* key;
  std::string name;      // the key's, or "tags.region"
  std::string value;
  std::string spelling;  // the name as it was said: the key's, the variable's, or another client's key
  std::string origin;    // "code", the variable, or file and line
  By by;
};

// "sampler.param="7" in jtrace.yaml:3: allowed is …", without secrets.
Error refuse(const Said& said, std::string_view allowed);

struct AllSaid {
  std::vector<Said> list;
  std::vector<std::string> warnings;  // a sentence each
  Error error;                        // an empty key: none
};

// Reads the environment and, where code or the environment names one, the file. Throws std::bad_alloc.
AllSaid gather(std::span<const ConfigView> from_code);

// The strongest word for a key; null: nobody said anything.
const Said* said_of(const std::vector<Said>& list, std::string_view name) noexcept;

}  // namespace jtrace::inline v1::detail
