// Error and Expected: how jtrace reports what could not be done. No call of the library throws.
//
// An Error names the setting, the value that was refused and what is allowed. An Expected holds a value or an Error;
// in the second case `*x` is the inert T (a Tracer that is off), never undefined behaviour.
#pragma once

#include <string>
#include <utility>

namespace jtrace::inline v1 {

class Error {
 public:
  Error() = default;
  Error(std::string key, std::string value, std::string message)
      : key_(std::move(key)), value_(std::move(value)), message_(std::move(message)) {}

  const std::string& key() const noexcept { return key_; }          // "sampler.param"
  const std::string& value() const noexcept { return value_; }      // "-1", secrets masked
  const std::string& message() const noexcept { return message_; }  // a whole sentence, with both and what is allowed

 private:
  std::string key_, value_, message_;
};

template <class T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : value_(std::move(value)) {}
  Expected(Error error) : error_(std::move(error)), failed_(true) {}

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return !failed_; }

  T& operator*() & noexcept { return value_; }
  const T& operator*() const& noexcept { return value_; }
  T operator*() && noexcept { return std::move(value_); }
  T* operator->() noexcept { return &value_; }
  const T* operator->() const noexcept { return &value_; }

  // Empty strings where there is a value.
  const Error& error() const noexcept { return error_; }
  T value_or(T other) && { return failed_ ? std::move(other) : std::move(value_); }

 private:
  T value_{};
  Error error_;
  bool failed_ = false;
};

}  // namespace jtrace::inline v1
