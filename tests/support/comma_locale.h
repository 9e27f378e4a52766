// A locale in which 0.5 is written "0,5", for the length of a block: de_DE, made where it is not installed. A number that is read or
// written by the locale then shows.
#pragma once

#include <string>

namespace support {

class CommaLocale {
 public:
  CommaLocale();
  ~CommaLocale();
  CommaLocale(const CommaLocale&) = delete;
  CommaLocale& operator=(const CommaLocale&) = delete;

  // False, and a message, where there is none and none can be made (Debian: locales).
  bool is_there() const noexcept { return is_there_; }

 private:
  bool make();

  const std::string before_;
  std::string folder_;
  bool is_there_ = false;
};

}  // namespace support
