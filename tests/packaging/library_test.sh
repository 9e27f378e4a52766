#!/bin/sh
# libjtrace.so and libjtrace.a as files: what they export, need and weigh.
#   library_test.sh SHARED STATIC-PROGRAM     both built by meson: the library, and traced.cpp with libjtrace.a
. "$(dirname "$0")/../scripts/support/check.sh"

library=$1 program=$2
export LC_ALL=C

exported() { nm -DC --defined-only --format=posix "$library"; }
foreign() { exported | grep -vE '^((typeinfo|typeinfo name|vtable) for )?jtrace::'; }

check 'its symbols can be read' exported
printed 'it exports the tracer' 'jtrace::v1::detail::global_tracer'
code=0
foreign >"$output" || code=$?
report "$((1 - code))" 'it exports nothing but jtrace' ''

check 'its dynamic section can be read' readelf -dW "$library"
printed 'it has a soname' 'Library soname: [libjtrace.so.0]'
printed 'it stays when a plugin that uses it is unloaded' NODELETE
has_not_printed 'it needs no place to be searched in' 'RUNPATH'
needed=$(sed -n 's/.*Shared library: \[\(.*\)\]/\1/p' "$output" |
  grep -vE '^(libcurl|libspdlog|libz|libfmt|libstdc\+\+|libc\+\+|libc\+\+abi|libgcc_s|libm|libc|libpthread|ld-linux.*)\.so' || true)
holds "it needs libcurl, spdlog, perhaps zlib, and the compiler's libraries, nothing more${needed:+, but there is $needed}" [ -z "$needed" ]

check 'its segments can be read' readelf -lW "$library"
tls=$(awk '$1 == "TLS" { print $6 }' "$output")
holds "it has at most 16 bytes of thread-local storage (${tls:-0})" [ "$((${tls:-0}))" -le 16 ]

cp "$program" "$work/traced"
check 'a program with it inside can be stripped' strip "$work/traced"
check 'and runs' "$work/traced"
size=$(wc -c <"$work/traced")
holds "and has at most 500 kB ($size bytes)" [ "$size" -le 500000 ]
ldd "$work/traced" >"$output"
has_not_printed 'and does not ask for libjtrace.so' libjtrace

finish
