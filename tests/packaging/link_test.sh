#!/bin/sh
# A user's program builds with what is installed, and with jtrace as a subproject, and runs: by g++ and clang++, in C++20 and
# C++23, with the warnings that careful users have as errors.
#   link_test.sh WAY BUILD PREFIX LIBDIR     WAY: pkg-config, cmake or subproject; BUILD: a tree of jtrace that is built
. "$(dirname "$0")/../scripts/support/check.sh"

way=$1 build=$2 prefix=$3 libdir=$4
consumer=$here/consumer
warnings='-Wall -Wextra -Wconversion -Werror'
installed=$work/root$prefix
case $libdir in lib64) cmake_folder=lib/cmake ;; *) cmake_folder=$libdir/cmake ;; esac

skip() {
  echo "$1"
  exit 77
}

# One after the other, for those that are here: g++ and clang++.
compilers=''
for compiler in g++ clang++; do
  if command -v "$compiler" >/dev/null 2>&1; then compilers="$compilers $compiler"; else echo "$compiler is not installed and is left out."; fi
done
[ -n "$compilers" ] || skip 'There is neither g++ nor clang++.'

install_jtrace() {
  check 'it installs' env DESTDIR="$work/root" meson install -C "$build" --no-rebuild --quiet
  LD_LIBRARY_PATH=$installed/$libdir
  export LD_LIBRARY_PATH
  # All but the tools' files, which a build without the tools does not have.
  for file in include/jtrace/jtrace.h "$libdir/libjtrace.so" "$libdir/libjtrace.so.0" "$libdir/libjtrace.a" \
    "$libdir/libjtrace-auto.so" "$libdir/libjtrace-auto.so.0" "$libdir/libjtrace-auto.a" "$libdir/pkgconfig/jtrace-auto.pc" \
    "$libdir/pkgconfig/jtrace.pc" "$libdir/pkgconfig/jtrace-static.pc" "$cmake_folder/jtrace/jtraceConfig.cmake"; do
    holds "$file is there" [ -e "$installed/$file" ]
  done
  if [ -e "$installed/bin/jtrace-send" ]; then
    for file in share/man/man1/jtrace-send.1 share/bash-completion/completions/jtrace-send share/zsh/site-functions/_jtrace-send \
      share/fish/vendor_completions.d/jtrace-send.fish bin/jtrace-collector lib/systemd/system/jtrace-collector.service; do
      holds "$file is there" [ -e "$installed/$file" ]
    done
  fi
}

runs_with() { # shared|static PROGRAM
  check "$1: and runs" "$2"
  printed "$1: and traces" 'request'
  ldd "$2" >"$output"
  case $1 in
    shared) printed 'shared: with the library by its soname' 'libjtrace.so.0 => ' ;;
    static) has_not_printed 'static: without the shared library' 'libjtrace.so' ;;
  esac
}

# A program that is compiled for automatic tracing.
runs_automatically() { # WORDS PROGRAM
  check "$1: traced automatically, it runs" env JTRACE_INSTRUMENT='shop::*' "$2"
  printed "$1: its functions are traced" 'shop::take'
}

by_pkg_config() {
  PKG_CONFIG_PATH=$installed/$libdir/pkgconfig
  export PKG_CONFIG_PATH
  # The tree stands elsewhere than its prefix.
  ask() { pkg-config --define-variable=prefix="$installed" "$@"; }
  check 'pkg-config knows it' ask --modversion jtrace
  check 'a shared user links nothing else' ask --libs jtrace
  has_not_printed 'no libcurl' curl
  has_not_printed 'no spdlog' spdlog
  check 'who links all statically is told of the rest' ask --static --libs jtrace
  printed 'of libcurl' -lcurl
  printed 'of spdlog' -lspdlog
  for compiler in $compilers; do
    for standard in 20 2b; do
      # shellcheck disable=SC2046,SC2086 # lists of words
      check "$compiler, C++$standard, shared: it builds" "$compiler" -std=c++$standard $warnings \
        "$consumer/main.cpp" -o "$work/shared" $(ask --cflags --libs jtrace)
      runs_with shared "$work/shared"
      # shellcheck disable=SC2046,SC2086 # lists of words
      check "$compiler, C++$standard, static: it builds" "$compiler" -std=c++$standard $warnings \
        "$consumer/main.cpp" -o "$work/static" $(ask --cflags --libs jtrace-static)
      runs_with static "$work/static"
    done
    # shellcheck disable=SC2046,SC2086 # lists of words
    check "$compiler, for automatic tracing: it builds" "$compiler" -std=c++20 $warnings \
      "$consumer/automatic.cpp" -o "$work/automatic" $(ask --cflags --libs jtrace-auto)
    runs_automatically "$compiler" "$work/automatic"
  done
}

by_cmake() {
  for compiler in $compilers; do
    for standard in 20 23; do
      for linked in jtrace jtrace_static; do
        case $linked in jtrace) kind=shared ;; *) kind=static ;; esac
        tree=$work/$compiler-$standard-$linked
        check "$compiler, C++$standard, $kind: it is found" cmake -S "$consumer" -B "$tree" -G Ninja \
          -DCMAKE_PREFIX_PATH="$installed" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_STANDARD="$standard" -DLINKED="$linked"
        check "$compiler, C++$standard, $kind: it builds" cmake --build "$tree"
        runs_with "$kind" "$tree/consumer"
        if [ "$kind" = shared ]; then runs_automatically "$compiler, C++$standard" "$tree/automatic"; fi
      done
    done
  done

  ask() { # VERSION: does the package do for one who asks for VERSION?
    mkdir -p "$work/asks"
    printf 'cmake_minimum_required(VERSION 3.20)\nproject(asks LANGUAGES CXX)\nfind_package(jtrace %s REQUIRED)\n' "$1" >"$work/asks/CMakeLists.txt"
    rm -rf "$work/asked"
    cmake -S "$work/asks" -B "$work/asked" -G Ninja -DCMAKE_PREFIX_PATH="$installed"
  }
  check 'the same minor version does' ask 0.1
  check_code 1 'a newer minor version is not there' ask 0.2
  check_code 1 'nor is another major version' ask 7.0
  check_code 1 'an unknown component is refused' ask '0.1 COMPONENTS shard'
  printed 'and named' "no component 'shard'"
}

by_subproject() {
  mkdir -p "$work/consumer/subprojects"
  cp "$consumer/main.cpp" "$consumer/automatic.cpp" "$consumer/meson.build" "$work/consumer/"
  # Only what is jtrace's: no tree that stands beside.
  mkdir "$work/consumer/subprojects/jtrace"
  for part in meson.build meson_options.txt include src packaging; do
    cp -r "$top/$part" "$work/consumer/subprojects/jtrace/"
  done
  # Somewhere else the compiler may have its cache; the kind of compiler is what matters here.
  for compiler in $compilers; do
    tree=$work/by-$compiler
    check "$compiler: it is configured" env CXX="${CCACHE:+ccache }$compiler" meson setup "$tree" "$work/consumer" \
      --wrap-mode=nodownload -Doptimization=0
    check "$compiler: C++20, C++23, shared and static: it builds" ninja -C "$tree"
    runs_with shared "$tree/consumer-20"
    runs_with shared "$tree/consumer-23"
    runs_with static "$tree/consumer-static"
    runs_automatically "$compiler, shared" "$tree/automatic"
    runs_automatically "$compiler, static" "$tree/automatic-static"
    holds "$compiler: tools, examples and tests are not built" [ ! -e "$tree/subprojects/jtrace/tools" ]
  done
}

CCACHE=$(command -v ccache || true)
case $way in
  pkg-config)
    install_jtrace
    by_pkg_config
    ;;
  cmake)
    command -v cmake >/dev/null 2>&1 || skip 'CMake is not installed (Debian: cmake), so its package is not tried.'
    install_jtrace
    by_cmake
    ;;
  subproject)
    # shellcheck disable=SC2086 # one word per compiler is what is meant
    compilers=$(printf '%s\n' $compilers | head -n 1)
    by_subproject
    ;;
  subproject-by-all) by_subproject ;;
esac
finish
