// Functions that do next to nothing, compiled with -finstrument-functions and without.
#pragma once

namespace bench {

int left_out(int n);       // by the patterns
int chosen(int n);         // by them, too, but there is no tracer
int not_instrumented(int n);

}  // namespace bench
