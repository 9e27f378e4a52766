#include "diagnose.h"

#include "no_answer.h"
#include "wrong_answer.h"

namespace jtrace_send {
namespace {

// HTML or JSON, where a collector sends nothing.
bool has_page(const HttpAnswer& answer) {
  if (answer.body.empty()) return false;
  const bool is_typed =
      answer.content_type.starts_with("text/html") || answer.content_type.starts_with("application/json");
  return is_typed || answer.body.front() == '<' || answer.body.front() == '{';
}

}  // namespace

std::string_view empty_batch() {
  static constexpr char kBatch[] =
      "\x0c\0\1"                         // field 1: struct Process
      "\x0b\0\1\0\0\0\x0bjtrace-send\0"  //   field 1: string of 11 bytes; end of Process
      "\x0f\0\2\x0c\0\0\0\0"             // field 2: list of structs, none
      "\0";                              // end of Batch
  return {kBatch, sizeof kBatch - 1};    // without the literal's own zero
}

std::optional<Diagnosis> explain_collector(const HttpAnswer& answer, const Url& collector) {
  if (!answer.is_http()) return explain_no_answer(answer, collector);
  const bool has_words_of_otlp = is_otlp(collector) && answer.content_type.starts_with("application/json");
  if (answer.is_success() && (has_words_of_otlp || !has_page(answer))) return std::nullopt;
  return explain_wrong_answer(answer, collector);
}

std::optional<Diagnosis> probe_collector(const Url& collector, const Reach& reach,
                                         std::chrono::milliseconds timeout) {
  HttpClient client(timeout, reach);
  const HttpAnswer answer = is_otlp(collector) ? client.post(collector, "application/json", R"({"resourceSpans":[]})")
                                               : client.post(collector, "application/x-thrift", empty_batch());
  return explain_collector(answer, collector);
}

Diagnosis explain_query(const HttpAnswer& answer, const Url& query) {
  Diagnosis diagnosis;
  diagnosis.exit_code = kNotVisible;
  const std::string where = "The query API at " + query.shown();
  const std::string hint =
      "Jaeger's UI and query API are at port 16686 by default: name yours with --verify http://HOST:16686.";
  if (!answer.is_http()) {
    diagnosis.problem = where + " did not answer. " + explain_no_answer(answer, query).problem;
    diagnosis.advice = hint;
  } else if (answer.status == 401 || answer.status == 403) {
    diagnosis.problem = where + " does not let us in (" + std::to_string(answer.status) + ").";
    diagnosis.advice = "Put user and password into the address: --verify http://USER:PASSWORD@" + query.host +
                       ":" + std::to_string(query.effective_port()) + ".";
  } else {
    diagnosis.problem = where + " answered " + std::to_string(answer.status) + quoted_body(answer) +
                        ", which is no answer of a query API.";
    diagnosis.advice = hint;
  }
  return diagnosis;
}

}  // namespace jtrace_send
