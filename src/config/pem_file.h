// PEM files that a configuration names: looked at when it is read, so that a wrong path is an error there, and not a batch
// that is lost later.
#pragma once

#include <string>

namespace jtrace::inline v1::detail {

enum class Pem { certificate, private_key };

// Null if this process can read such a thing there, else what is allowed.
const char* why_no_pem(const std::string& path, Pem wanted);

}  // namespace jtrace::inline v1::detail
