#include "answers.h"

#include "scenario.h"

namespace {

using namespace jtrace_send;

std::string id_of(std::size_t step) {
  return "000000000000000" + std::to_string(step + 1);
}

std::size_t steps_of(const Shown& shown) {
  return shown.is_whole ? kSteps : kSteps - 1;
}

std::string otlp_span(std::size_t step, bool is_error) {
  const StepShape& shape = kScenario[step];
  const std::string parent = shape.parent == step ? "" : R"("parentSpanId":")" + id_of(shape.parent) + "\",";
  return R"({"spanId":")" + id_of(step) + "\"," + parent + R"("name":")" + std::string(shape.name) +
         R"(","status":{)" + (is_error ? R"("code":2)" : "") + "}}";
}

std::string ui_span(std::size_t step, bool is_error) {
  const StepShape& shape = kScenario[step];
  const std::string parent = shape.parent == step ? ""
                                                  : R"({"refType":"CHILD_OF","traceID":"a","spanID":")" +
                                                        id_of(shape.parent) + "\"}";
  return R"({"traceID":"a","spanID":")" + id_of(step) + R"(","operationName":")" + std::string(shape.name) +
         R"(","references":[)" + parent + R"(],"tags":[)" +
         (is_error ? R"({"key":"error","type":"bool","value":true})" : "") + "]}";
}

template <class Write>
std::string spans(const Shown& shown, Write write) {
  std::string list;
  for (std::size_t step = 0; step < steps_of(shown); ++step)
    list += (step == 0 ? "" : ",") + write(step, shown.fails && kScenario[step].fails_with_trace);
  return list;
}

}  // namespace

std::string otlp_answer(const Shown& shown) {
  return R"({"result":{"resourceSpans":[{"scopeSpans":[{"spans":[)" + spans(shown, otlp_span) + "]}]}]}}";
}

std::string ui_answer(const Shown& shown) {
  return R"({"data":[{"spans":[)" + spans(shown, ui_span) + R"(]}],"errors":null})";
}
