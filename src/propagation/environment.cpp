#include <unistd.h>

#include <algorithm>

#include "jtrace/carriers.h"

namespace jtrace::inline v1::detail {
namespace {

std::string variable_of(std::string_view header) {
  std::string name;
  for (const char c : header) {
    if (c == '-') {
      name += '_';
    } else if (c == '_') {
      name += "__";
    } else {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

std::string header_of(std::string_view variable) {
  std::string name;
  for (std::size_t i = 0; i < variable.size(); ++i) {
    const char c = variable[i];
    if (c == '_' && i + 1 < variable.size() && variable[i + 1] == '_') {
      name += '_';
      ++i;
    } else {
      name += c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return name;
}

}  // namespace

void visit_environment(const char* const* variables, HeaderVisitor see) {
  for (; variables && *variables; ++variables) {
    const std::string_view variable = *variables;
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    see(header_of(variable.substr(0, equals)), variable.substr(equals + 1));
  }
}

void visit_own_environment(HeaderVisitor see) { visit_environment(environ, see); }

std::vector<std::string> copy_own_environment() {
  std::vector<std::string> variables;
  for (const char* const* variable = environ; variable && *variable; ++variable) variables.emplace_back(*variable);
  return variables;
}

void set_in_environment(std::vector<std::string>& variables, std::string_view header, std::string_view value) {
  std::string variable = variable_of(header) + '=';
  std::erase_if(variables, [&](const std::string& other) { return other.starts_with(variable); });
  variables.push_back(variable.append(value));
}

}  // namespace jtrace::inline v1::detail
