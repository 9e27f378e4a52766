#include "support/comma_locale.h"

#include <doctest/doctest.h>
#include <locale.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace support {
namespace {

bool has_comma() {
  char text[8];
  std::snprintf(text, sizeof text, "%.1f", 0.5);
  return text == std::string("0,5");
}

bool use(const char* name) { return setlocale(LC_ALL, name) && has_comma(); }

}  // namespace

CommaLocale::CommaLocale() : before_(setlocale(LC_ALL, nullptr)) {
  is_there_ = use("de_DE.UTF-8") || use("fr_FR.UTF-8") || make();
  if (!is_there_) MESSAGE("no locale with a decimal comma: apt install locales");
}

CommaLocale::~CommaLocale() {
  setlocale(LC_ALL, before_.c_str());
  if (folder_.empty()) return;
  unsetenv("LOCPATH");
  std::filesystem::remove_all(folder_);
}

bool CommaLocale::make() {
  std::string pattern = (std::filesystem::temp_directory_path() / "jtrace-locale-XXXXXX").string();
  if (!mkdtemp(pattern.data())) return false;
  folder_ = pattern;
  const std::string command = "localedef -i de_DE -f UTF-8 '" + folder_ + "/de_DE.UTF-8' >/dev/null 2>&1";
  [[maybe_unused]] const int status = std::system(command.c_str());  // warnings alone make it fail, too
  setenv("LOCPATH", folder_.c_str(), 1);
  return use("de_DE.UTF-8");
}

}  // namespace support
