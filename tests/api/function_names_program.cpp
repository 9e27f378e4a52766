// JTRACE_FUNCTION's names as a plain program, to be compiled by compilers other than the project's own.
#include <cstdio>

#include "function_names.h"
#include "jtrace/testing.h"

int main() {
  jtrace::testing::Recorder recorder;
  shop::call_all();
  const std::string tree = shop::with_known_freedoms(recorder.tree()), wanted = shop::expected_tree();
  if (tree == wanted) return 0;
  std::printf("made:\n%s\nwanted:\n%s\n", tree.c_str(), wanted.c_str());
  return 1;
}
