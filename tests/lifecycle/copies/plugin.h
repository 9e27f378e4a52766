// For the programs of these tests: plugins, and what they report on descriptor 3.
#pragma once

#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

struct Part;

inline void report(const std::string& key, long long value) {
  const std::string line = key + "=" + std::to_string(value) + "\n";
  if (write(3, line.data(), line.size()) < 0) std::perror("report");
}

// How many reporters run in this process.
inline int count_workers() {
  int count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (std::FILE* file = std::fopen((task.path() / "comm").c_str(), "r")) {
      char name[32] = {};
      count += std::fgets(name, sizeof name, file) && std::strcmp(name, "jtrace\n") == 0;
      std::fclose(file);
    }
  }
  return count;
}

class Plugin {
 public:
  explicit Plugin(const char* path, int flags = RTLD_LOCAL) : path_(path), handle_(dlopen(path, RTLD_NOW | flags)) {
    if (!handle_) std::fprintf(stderr, "%s\n", dlerror()), _exit(3);
  }
  const Part* part() const { return reinterpret_cast<const Part* (*)()>(dlsym(handle_, "jtrace_test_part"))(); }
  void close() { dlclose(handle_); }
  bool is_loaded() const {
    void* there = dlopen(path_, RTLD_NOW | RTLD_NOLOAD);
    if (there) dlclose(there);
    return there != nullptr;
  }

 private:
  const char* path_;
  void* handle_;
};
