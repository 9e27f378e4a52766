// What leaves the shared library, and how the compiler is told that a parameter is only borrowed.
// JTRACE_API marks the exported functions; everything else is hidden. JTRACE_BORROWS lets clang warn
// when a parameter type outlives the value that it was made from.
#pragma once

#define JTRACE_API [[gnu::visibility("default")]]

#if defined(__clang__)
#define JTRACE_BORROWS [[clang::lifetimebound]]
#else
#define JTRACE_BORROWS
#endif
