// A configuration file, YAML or JSON, as a list of keys and values.
//
// The core knows no file format: the library jtrace-config does, and gives what it reads through one C function. It is used
// where the program links it, else looked for by its name when a file is to be read.
//
// A file may use jtrace's own keys, and those of Jaeger's clients in Python, C++, Go and Node (docs/configuration.md); names
// count without regard to case, '_' and '-'. What the others give as bare numbers of seconds gets its unit here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jtrace::inline v1::detail {

struct FileEntry {
  std::string name;      // the key in the table of settings, where there is one
  std::string value;
  std::string spelling;  // as the file has it
  int line;              // from 1; 0: not known
};

struct File {
  std::vector<FileEntry> entries;
  std::string validate;  // what it says about itself; empty: nothing
  std::string problem;   // why it could not be read; empty: it could
};

// Blocks on the file. Throws std::bad_alloc.
File read_file(const std::string& path);

}  // namespace jtrace::inline v1::detail
