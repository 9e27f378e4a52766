#include "config/said.h"

#include "config/take_reporters.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "config/file.h"
#include "config/headers.h"
#include "config/other_variables.h"
#include "config/parse.h"
#include "config/sampling.h"
#include "config/unknown_names.h"

namespace jtrace::inline v1::detail {
namespace {

void hear_environment(std::vector<Said>& list) {
  const auto hear = [&](const Key& key, std::string name, std::string value, const char* variable) {
    list.push_back({&key, std::move(name), std::move(value), variable, variable, Said::By::environment});
  };
  for (OtherVariable& other : read_other_variables()) {
    if (const Key* key = find_key(other.name)) hear(*key, other.name, std::move(other.value), other.variable);
  }
  for (const Key& key : all_keys()) {
    const char* value = std::getenv(key.variable);
    if (value && *value) hear(key, std::string(key.name), value, key.variable);
  }
}

Error hear_code(std::vector<Said>& list, std::span<const ConfigView> from_code) {
  for (const ConfigView& entry : from_code) {
    if (entry.key == kOwnSampler || is_object(entry.key)) continue;
    const Key* key = find_key(entry.key);
    const std::string name(entry.key);
    if (!key) return Error(name, std::string(entry.value), name + ": allowed is a key that this version knows");
    list.push_back({key, name, std::string(entry.value), name, "code", Said::By::code});
  }
  return {};
}

std::string text_of(const std::vector<Said>& list, std::string_view name) {
  const Said* said = said_of(list, name);
  return said ? said->value : std::string();
}

// Puts what the file says below everything else.
Error hear_file(AllSaid& all, const Said& path) {
  File file = read_file(path.value);
  if (!file.problem.empty())
    return Error(path.spelling, path.value, path.spelling + "=\"" + path.value + "\": " + file.problem);
  const std::string validate = text_of(all.list, "validate");
  const bool validates = parse_bool(validate.empty() ? file.validate : validate).value_or(false);
  std::vector<Said> list;
  for (FileEntry& entry : file.entries) {
    std::string place = path.value;
    if (entry.line > 0) place.append(":").append(std::to_string(entry.line));
    if (const Key* key = find_key(entry.name)) {
      list.push_back({key, std::move(entry.name), std::move(entry.value), std::move(entry.spelling), std::move(place), Said::By::file});
      continue;
    }
    std::string line = entry.spelling + " in " + place + " is no key that jtrace knows" + suggest(nearest_key(entry.spelling));
    if (validates) return Error(entry.spelling, "", std::move(line));
    all.warnings.push_back(std::move(line));
  }
  all.list.insert(all.list.begin(), std::make_move_iterator(list.begin()), std::make_move_iterator(list.end()));
  return {};
}

}  // namespace

const Said* said_of(const std::vector<Said>& list, std::string_view name) noexcept {
  const auto found = std::find_if(list.rbegin(), list.rend(), [&](const Said& said) { return is_same_header(said.name, name); });
  return found == list.rend() ? nullptr : &*found;
}

Error refuse(const Said& said, std::string_view allowed) {
  const std::string shown = shown_value(said.value, said.key->shown);
  std::string message = said.spelling + "=\"" + shown + "\"";
  if (said.by == Said::By::file) message += " in " + said.origin;
  message += ": allowed is ";
  message += allowed;
  return Error(said.spelling, shown, std::move(message));
}

AllSaid gather(std::span<const ConfigView> from_code) {
  AllSaid all;
  hear_environment(all.list);
  all.error = hear_code(all.list, from_code);
  if (!all.error.key().empty()) return all;
  if (const Said* path = said_of(all.list, "config_file"); path && !path->value.empty()) all.error = hear_file(all, Said(*path));
  return all;
}

}  // namespace jtrace::inline v1::detail
