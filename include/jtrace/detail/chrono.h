// Durations, clocks and points in time, as <chrono> has them, but without its calendars and their streams where the standard
// library keeps the two apart: in libstdc++ those take a compiler as long as all the rest of jtrace's headers.
#pragma once

#include <cstddef>

#if defined(__GLIBCXX__) && __has_include(<bits/chrono.h>)
#include <bits/chrono.h>
#else
#include <chrono>
#endif
