// jtrace, a tracing client for Jaeger. This header brings what a traced program needs: the tracer, spans and scopes,
// tags, configuration, propagation and JTRACE_FUNCTION. Newcomers start at tracer.h; jtrace/trace.h adds what traces
// functions, classes, futures and coroutines from outside, tests add jtrace/testing.h.
#pragma once

#include "jtrace/config.h"
#include "jtrace/error.h"
#include "jtrace/function.h"
#include "jtrace/log.h"
#include "jtrace/parent.h"
#include "jtrace/propagation.h"
#include "jtrace/scope.h"
#include "jtrace/span.h"
#include "jtrace/span_context.h"
#include "jtrace/stats.h"
#include "jtrace/text.h"
#include "jtrace/tracer.h"
#include "jtrace/value.h"
#include "jtrace/version.h"
