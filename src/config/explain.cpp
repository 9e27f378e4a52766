#include "jtrace/explain.h"

#include <new>
#include <utility>

#include "config/defaults.h"
#include "config/entries.h"
#include "config/read_settings.h"
#include "config/said.h"
#include "core/log_line.h"

namespace jtrace::inline v1::detail {
namespace {

bool is_one_of_many(const Said& said) noexcept { return said.name != said.key->name; }

}  // namespace

bool explain(const EntryList* list, void* to, ExplainSink say, void* error_to, ExplainErrorSink fail) noexcept {
  try {
    const std::vector<ConfigView> from_code = views_of(list);
    const SettingsOrError read = read_settings(from_code);
    for (const std::string& line : read.warnings) log_once(LogLevel::warn, line);
    if (!read.error.key().empty()) {
      fail(error_to, read.error.key(), read.error.value(), read.error.message());
      return false;
    }
    const std::vector<Said> all = gather(from_code).list;
    for (const Key& key : all_keys()) {
      const Said* said = said_of(all, key.name);
      const bool is_said = said && !said->value.empty();
      const std::string value = is_said ? shown_value(said->value, key.shown) : default_text(key.name, read.settings);
      say(to, key.name, value, is_said ? said->origin : "default");
      for (const Said& one : all) {
        if (one.key == &key && is_one_of_many(one) && said_of(all, one.name) == &one)
          say(to, one.name, shown_value(one.value, key.shown), one.origin);
      }
    }
    return true;
  } catch (const std::bad_alloc&) {
    fail(error_to, "memory", "", "no memory");
    return false;
  }
}

}  // namespace jtrace::inline v1::detail
