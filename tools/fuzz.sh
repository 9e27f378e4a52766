#!/bin/sh
# Lets libFuzzer look for bytes that jtrace reads wrongly, for as long as you like. Runs in any POSIX shell.
# `tools/fuzz.sh --help` tells the rest.
set -eu

program=fuzz.sh
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"

. "$top/tools/lib/output.sh"
. "$top/tools/lib/packages.sh"
. "$top/tools/lib/fuzz.sh"

usage() {
  cat <<'USAGE'
Usage: tools/fuzz.sh [TARGET]... [--time TIME] [--no-install]

Builds the fuzz targets with clang and the address and undefined behaviour sanitizers (in build-fuzz) and runs those that are
named, one after the other, or all:
  answers       what a collector answers, and what the HTTP transport makes of it
  carriers      raw header text, environments and binary carriers of contexts
  endpoint      endpoints as users write them
  environment   values of JAEGER_* and JTRACE_* variables: durations, sizes, numbers, truths
  extra_headers JTRACE_HEADERS
  headers       headers of a request: uber-trace-id, traceparent, tracestate, baggage, b3 and the rest
  strategy      what a sampling server answers
  tags          JAEGER_TAGS
  thrift        bodies that jtrace-collector is sent

  --time TIME    so long each: 30s, 10m, 1h (the default)
  --no-install   install nothing, whatever is missing
  --help         print this

A finding becomes a file in tests/fuzz/corpus/TARGET (crash-…, timeout-…, oom-…) and is named at the end. Give it a name that
says what it is: the unit tests replay it from then on. What a run learns stays in build-fuzz, for the next.

Exit codes: 0 nothing was found; 1 something was found, or a build failed; 2 usage; 3 packages or tools are missing.
USAGE
}

clean_up() {
  [ -z "$busy" ] || kill "$busy" 2>/dev/null || true
  rm -rf "$scratch"
}

# parse_time 90s|10m|1h: prints seconds; false for anything else.
parse_time() {
  count=${1%[smh]}
  case $count in '' | *[!0-9]* | 0*) return 1 ;; esac
  case $1 in
    *s) echo "$count" ;;
    *m) echo "$((count * 60))" ;;
    *h) echo "$((count * 3600))" ;;
    *) return 1 ;;
  esac
}

is_target() { case " $fuzz_targets " in *" $1 "*) true ;; *) false ;; esac; }

# findings TARGET: prints the files that libFuzzer wrote.
findings() {
  for file in "tests/fuzz/corpus/$1"/crash-* "tests/fuzz/corpus/$1"/timeout-* "tests/fuzz/corpus/$1"/oom-* "tests/fuzz/corpus/$1"/leak-*; do
    [ ! -f "$file" ] || say "$file"
  done
}

# Notes in `broken` when it finds something.
fuzz() { # TARGET
  run_quietly "Fuzzing $1 for $time" "$scratch/log" tests/fuzz/run.sh "$fuzz_tree/tests/fuzz/fuzz-$1" "$1" "tests/fuzz/corpus/$1" \
    "$fuzz_tree/tests/fuzz/corpus" "$seconds" && return
  broken="$broken $1"
}

time=1h may_install=yes targets=''
while [ $# -gt 0 ]; do
  case $1 in
    --time)
      [ $# -gt 1 ] || fail 2 '--time needs a time, such as 30s, 10m or 1h.'
      time=$2
      shift
      ;;
    --no-install) may_install=no ;;
    --help | -h)
      usage
      exit 0
      ;;
    -*)
      usage >&2
      exit 2
      ;;
    *)
      is_target "$1" || fail 2 "'$1' is no target; there are: $fuzz_targets"
      targets="$targets $1"
      ;;
  esac
  shift
done
seconds=$(parse_time "$time") || fail 2 "--time: '$time' is no time, such as 30s, 10m or 1h."

busy='' broken=''
scratch=$(mktemp -d "${TMPDIR:-/tmp}/jtrace-fuzz.XXXXXX")
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# shellcheck disable=SC2086 # one word per package is what is meant
ensure_packages "$may_install" $test_packages
can_fuzz || fail 3 "There is no clang++ here that knows -fsanitize=fuzzer. By its Debian names: $fuzz_packages"
build_fuzz_targets || exit 1
for target in ${targets:-$fuzz_targets}; do
  fuzz "$target"
done
if [ -z "$broken" ]; then
  say 'Nothing was found.'
  exit 0
fi
say "Something was found in:$broken. The files:"
for target in $broken; do
  findings "$target"
done
exit 1
