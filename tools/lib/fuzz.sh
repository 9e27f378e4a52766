# The build of the fuzz targets, for fuzz.sh and test.sh. Sourced after output.sh; POSIX sh. Needs `scratch`, a directory for logs.
# shellcheck shell=sh

fuzz_tree=build-fuzz
# shellcheck disable=SC2034 # fuzz.sh uses it
fuzz_targets='answers carriers endpoint environment extra_headers headers otlp_json otlp_protobuf strategy tags thrift udp_binary udp_compact'

# Is there a clang that can make a fuzzer? Its runtime may be missing though it is there.
can_fuzz() {
  command -v clang++ >/dev/null 2>&1 &&
    echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, decltype(sizeof(0))) { return 0; }' |
    clang++ -x c++ -fsanitize=fuzzer,address,undefined -o "$scratch/can-fuzz" - >/dev/null 2>&1
}

# Configures the tree if it is new and builds all targets. The tests' framework is not needed for them, but meson asks for it.
build_fuzz_targets() {
  if [ ! -f "$fuzz_tree/build.ninja" ]; then
    run_quietly "Configuring $fuzz_tree" "$scratch/log" env CC=clang CXX=clang++ meson setup "$fuzz_tree" -Dtests=enabled -Dtools=enabled \
      -Dexamples=false -Dfuzzing=enabled -Doptimization=1 -Ddebug=false -Dcpp_args=-g1 -Db_sanitize=address,undefined || return 1
  fi
  run_quietly "Building $fuzz_tree" "$scratch/log" ninja -C "$fuzz_tree" fuzz
}
