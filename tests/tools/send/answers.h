// What a query API answers when it is asked for a trace of jtrace-send: the documents of Jaeger's two APIs,
// cut down to what matters. Shared by the tests that read them and those that serve them.
#pragma once

#include <string>

struct Shown {
  bool fails = false;    // the error marks of a failing trace
  bool is_whole = true;  // else to_db is not there yet
};

std::string otlp_answer(const Shown& shown = {});  // of /api/v3/traces/{id}
std::string ui_answer(const Shown& shown = {});    // of /api/traces/{id}
