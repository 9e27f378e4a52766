// Other variables: those of OpenTelemetry, and old names of Jaeger's own, which serve where today's name is not set.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace jtrace::inline v1::detail {

struct OtherVariable {
  std::string name;  // a key of the table of settings, or "tags.region"
  std::string value;
  const char* variable;
};

// Of those that are set, and not overruled by a name of their own kind. Throws std::bad_alloc.
std::vector<OtherVariable> read_other_variables();

// A sentence for each part of theirs that jtrace has nothing for. Throws std::bad_alloc.
std::vector<std::string> other_variable_warnings();

// Their names, for those who look for misspelled ones.
std::span<const char* const> other_variable_names() noexcept;

}  // namespace jtrace::inline v1::detail
