// The process's end: a flush of all tracers within their exit_flush_timeout, without a call by the user.
#pragma once

namespace jtrace::inline v1::detail {

// Registers the flush with atexit and at_quick_exit, once; after curl's own set-up, so that it runs before curl's and
// OpenSSL's clean-up. By one thread at a time.
void flush_at_exit() noexcept;

}  // namespace jtrace::inline v1::detail
