// Secrets: what must not be shown though it may come back to us, in a server's answer or in the text of an error.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace jtrace::inline v1::detail {

class Secrets {
 public:
  explicit Secrets(const Settings& settings);

  // The text with *** in the place of each secret.
  std::string hide(std::string text) const;

 private:
  void add(std::string secret);
  void add_login(const std::string& user, const std::string& password);

  std::vector<std::string> secrets_;
};

}  // namespace jtrace::inline v1::detail
