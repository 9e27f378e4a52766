// SeenTrace: a trace as a query API shows it, read from either of Jaeger's JSON forms and reduced to what is
// compared with what was sent: names, parents, error marks. Foreign JSON of any shape is safe; what does not
// fit is no trace.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tree.h"

namespace jtrace_send {

struct SeenSpan {
  std::string id;      // hex or base64: compared only within its document
  std::string parent;  // empty for a root
  std::string name;
  bool is_error = false;
};

struct SeenTrace {
  std::vector<SeenSpan> spans;
};

// What an answer's body says about one trace. `is_answer` is false where this is no document of that API at
// all (a page, or another server), which is not the same as "not found".
struct LookUp {
  bool is_answer = false;
  std::optional<SeenTrace> trace;
};
LookUp read_v3(std::string_view body);  // /api/v3/traces/{id}: OTLP's JSON under "result"
LookUp read_ui(std::string_view body);  // /api/traces/{id}: the UI's own JSON under "data"

// Why this is not the trace that was sent: a span is missing, too much, in the wrong place, or wrongly
// marked. Empty if it is whole. Error marks are left out of the comparison where the user's own tags may have
// changed them.
std::string difference(const SeenTrace& seen, bool is_failing, bool compare_errors);
// The same for the tree of --spans and --depth.
std::string difference(const SeenTrace& seen, const Tree& tree, bool is_failing, bool compare_errors);

}  // namespace jtrace_send
