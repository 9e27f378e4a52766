// The pages for people: the latest traces, one trace as a waterfall, and a page that says what went wrong.
//
// HTML and CSS only. Every name and value comes from strangers and is escaped here; the headers of `page_headers`
// forbid scripts besides, should anything slip through.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model.h"
#include "query_params.h"
#include "search.h"

namespace jtrace::collector {

// A form with the given parameters filled in, and below it the traces that were found.
std::string search_page(const std::vector<std::string>& services, const Parameters& parameters,
                        const std::vector<Trace>& traces);

std::string trace_page(const Trace& trace);

// A heading, a sentence, and the way back.
std::string message_page(const std::string& heading, const std::string& text);

// Content-Security-Policy and its like.
std::vector<std::pair<std::string, std::string>> page_headers();

}  // namespace jtrace::collector
