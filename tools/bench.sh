#!/bin/sh
# What does tracing cost? Builds a release tree of jtrace, runs all benchmarks and prints one table of figures, each
# beside the one that we want to reach. Runs in any POSIX shell. `tools/bench.sh --help` tells the rest.
set -eu

program=bench.sh
started_in=$(pwd)
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"

. "$top/tools/lib/output.sh"
. "$top/tools/lib/packages.sh"

tree=build-bench
programs=$tree/tests/bench
# shellcheck disable=SC2154 # packages.sh sets demo_packages
bench_packages="$demo_packages doctest-dev libbenchmark-dev libconcurrentqueue-dev valgrind strace"

usage() {
  cat <<'USAGE'
Usage: tools/bench.sh [--quick] [--json FILE] [--markdown FILE] [--no-install]

Installs what the benchmarks need (Debian 12, Ubuntu 24.04; it says which packages), builds jtrace with -O3 in build-bench,
runs everything and prints one table: what was measured, what it should reach, and whether it does.
docs/performance.md tells what the figures mean. It takes some minutes; let the machine do nothing else.

  --quick          fewer repetitions: for a first look, not for a figure to quote
  --json FILE      write [{"figure", "unit", "measured", "reach", "met"}, ...], too
  --markdown FILE  put the table into FILE, too: between its lines <!-- figures --> and <!-- end of figures -->,
                   or as the whole of it where it is new
  --no-install     install nothing, whatever is missing
  --help           print this

Exit codes: 0 all figures were measured, met or not; 1 the build or a benchmark failed; 2 usage; 3 packages or tools are missing.
USAGE
}

# Every row of the table: figure | unit | measured, one value or two to be divided | format | reach, or - for a figure
# that stands there to compare with. The values are named by their program and what it prints.
rows() {
  cat <<'ROWS'
Sampled root span, static library|x two TSC reads|static.sampled_root / static.two_tsc_reads|%.2f|<= 1.5
Sampled child of the active span, static library|x two TSC reads|static.sampled_child / static.two_tsc_reads|%.2f|<= 1.5
Sampled root span, shared library|x two TSC reads|shared.sampled_root / shared.two_tsc_reads|%.2f|<= 1.9
Sampled child of the active span, shared library|x two TSC reads|shared.sampled_child / shared.two_tsc_reads|%.2f|<= 1.9
Sampled root span, instructions|instructions|instructions.sampled_root|%.0f|<= 250
Sampled child of the active span, instructions|instructions|instructions.sampled_child|%.0f|<= 250
Sampled root span, faster than the usual way|times|static.usual_way / static.sampled_root|%.2f|>= 3
Sampled child of the active span, faster than the usual way|times|static.usual_way / static.sampled_child|%.2f|>= 3
Two producers, each|x one producer|static.two_producers / static.sampled_child|%.2f|<= 1.3
Heap allocations by the caller|per span|allocations.allocations_caller|%.6f|= 0
Heap allocations by the reporter|per span|allocations.allocations_reporter|%.6f|= 0
System calls on the caller's thread (at most one eventfd write a cycle of the worker)|per span|calls.sampled_child|%.4f|<= 0.0001
Not sampled, child of an unsampled parent|ns|static.unsampled_child|%.2f|<= 5
Not sampled, child of an unsampled parent, instructions|instructions|instructions.unsampled_child|%.0f|<= 60
Not configured|ns|static.unconfigured|%.2f|<= 2
Function traced by JTRACE_FUNCTION, instructions|x a span by hand|instructions.function_by_macro / instructions.function_by_hand|%.3f|<= 1.05
Function traced by traced<&f>, instructions|x a span by hand|instructions.function_by_traced / instructions.function_by_hand|%.3f|<= 1.05
Function traced by JTRACE_FUNCTION, tracing off|ns|functions.off_by_macro|%.2f|<= 1
Function traced by traced<&f>, tracing off|ns|functions.off_by_traced|%.2f|<= 1
Function that is compiled for automatic tracing and filtered out|ns|automatic.left_out|%.2f|<= 10
Decide by the sampler const, beyond one that keeps all without a look|ns|samplers.constant|%.2f|<= 2
Decide by the sampler probabilistic 0.001, beyond the same|ns|samplers.probabilistic|%.2f|<= 2
Take in a context of traceparent, among eight headers|ns|headers.extract_w3c|%.1f|<= 40
Take in a context of uber-trace-id, among eight headers|ns|headers.extract_jaeger|%.1f|<= 40
Send a context as traceparent|ns|headers.inject_w3c|%.1f|<= 15
Send a context as uber-trace-id|ns|headers.inject_jaeger|%.1f|<= 15
Take in a context of traceparent, faster than sscanf alone|times|headers.usual_extract / headers.extract_w3c|%.1f|>= 5
Send a context as traceparent, faster than snprintf alone|times|headers.usual_inject / headers.inject_w3c|%.1f|>= 5
Encode a child|ns|encode.encode_child|%.2f|<= 12
Encode a root|ns|encode.encode_root|%.2f|<= 12
Encode a child, instructions|instructions|instructions.encode_child|%.0f|<= 250
Encode a root, instructions|instructions|instructions.encode_root|%.0f|<= 250
Encode a child, faster than Thrift's generated writer|times|encode.usual_encode_again / encode.encode_child|%.1f|>= 25
End to end to a discarding sink, without loss|M spans/s|through.end_to_end / million|%.2f|>= 8
End to end, faster than the usual way|times|through.end_to_end / through.usual_end_to_end|%.2f|>= 7
finish() while the collector fails in one of eight ways, p50|x idle|calm.worst_p50 / calm.idle_p50|%.2f|<= 1.1
finish() while the collector fails in one of eight ways, p99|x idle|calm.worst_p99 / calm.idle_p99|%.2f|<= 1.1
finish() while the collector fails in one of eight ways, p99.9|x idle|calm.worst_p999 / calm.idle_p999|%.2f|<= 1.1
512 threads, one bursts 100,000 spans, 1 ms per POST|spans lost|burst.lost_of_a_burst|%.0f|= 0
Stripped program that traces, static library|kB|weight.traced|%.0f|<= 500
Clean build of the library (shared and static, two compilers at a time)|s|weight.clean_build|%.1f|<= 60
Including jtrace/jtrace.h (processor time with -O2, beside an empty unit)|s a unit|weight.include|%.2f|<= 0.35
Two TSC reads|ns|static.two_tsc_reads|%.2f|-
Sampled root span, time|ns|static.sampled_root|%.2f|-
Sampled child of the active span, time|ns|static.sampled_child|%.2f|-
Not sampled, root under const 0|ns|static.unsampled_root|%.2f|-
Not sampled, root under const 0, instructions|instructions|instructions.unsampled_root|%.0f|-
Decide by the sampler probabilistic 0.5, beyond the same|ns|samplers.probabilistic_half|%.2f|-
The usual way: a struct through moodycamel's queue|ns|static.usual_way|%.2f|-
The usual way: Thrift's generated writer|ns|encode.usual_encode_again|%.2f|-
Thrift's generated writer, each struct made anew|ns|encode.usual_encode|%.2f|-
The usual way, end to end|M spans/s|through.usual_end_to_end / million|%.2f|-
Take in a context of b3, among eight headers|ns|headers.extract_b3|%.1f|-
Take in a context by the default formats, among eight headers|ns|headers.extract_default|%.1f|-
Send a context as b3|ns|headers.inject_b3|%.1f|-
Send a context by the default formats, two headers|ns|headers.inject_default|%.1f|-
Function that is chosen for automatic tracing, tracing off|ns|automatic.off|%.2f|-
Not configured, instructions|instructions|instructions.unconfigured|%.0f|-
Heap allocations by libcurl, on the reporter's thread|per span|allocations.allocations_curl|%.4f|-
ROWS
}

clean_up() {
  [ -z "$busy" ] || kill "$busy" 2>/dev/null || true
  rm -rf "$scratch"
}

prepare() {
  busy='' broken=''
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/jtrace-bench.XXXXXX")
  printf 'million\t1000000\n' >"$scratch/values"
  : >"$scratch/remarks"
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

build() {
  if [ ! -f "$tree/build.ninja" ]; then
    run_quietly "Configuring $tree" "$scratch/log" meson setup "$tree" --buildtype=release \
      -Dtests=enabled -Dtools=enabled -Dbenchmarks=enabled || exit 1
  fi
  run_quietly "Building $tree" "$scratch/log" ninja -C "$tree" bench tests/packaging/traced || exit 1
}

# measure GROUP WORDS COMMAND...: runs COMMAND and keeps the values that it prints ("name<tab>number") as GROUP.name;
# whatever else it says is a remark for the end.
measure() {
  group=$1 words=$2
  shift 2
  if run_quietly "$words" "$scratch/log" "$@"; then
    awk -v group="$group" -F '\t' 'NF == 2 { print group "." $1 "\t" $2 }' "$scratch/log" >>"$scratch/values"
    awk -v words="$words" -F '\t' 'NF != 2 && NF { print words ": " $0 }' "$scratch/log" | sort -u >>"$scratch/remarks"
  else
    broken="$broken $group"
  fi
}

# How many instructions callgrind sees in COUNT pieces of WORK.
instructions() { # WORK COUNT
  valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='*repeat<*' "$programs/bench-steps" "$@" \
    2>"$scratch/callgrind.log" >&2 || return 1
  awk '/Collected/ { count = $NF } END { print count + 0; exit !count }' "$scratch/callgrind.log"
}

# Of two runs, one with twice the work of the other: their difference is the work and the loop around it.
instructions_of_one() { # COUNT WORK
  once=$(instructions "$2" "$1") || return 1
  twice=$(instructions "$2" $(($1 * 2))) || return 1
  awk -v once="$once" -v twice="$twice" -v count="$1" 'BEGIN { printf "%.2f\n", (twice - once) / count }'
}

# Without those of LOOP, which is the loop alone.
instructions_of_each() { # COUNT LOOP WORK...
  count=$1
  loop=$(instructions_of_one "$count" "$2") || return 1
  shift 2
  for work in "$@"; do
    whole=$(instructions_of_one "$count" "$work") || return 1
    awk -v work="$work" -v whole="$whole" -v loop="$loop" 'BEGIN { printf "%s\t%.2f\n", work, whole - loop }'
  done
}

# What the caller's thread, and it alone, asks of the kernel between the two marks that bench-steps sets.
calls_of() { # COUNT WORK
  strace -o "$scratch/strace.log" "$programs/bench-steps" "$2" "$1" || return 1
  awk -v work="$2" -v count="$1" '
    /write\(-1, "end"/ { inside = 0 }
    inside && !/^---|^\+\+\+/ { calls++ }
    /write\(-1, "begin"/ { inside = seen = 1 }
    END { if (!seen) exit 1; printf "%s\t%.7f\n", work, calls / count }' "$scratch/strace.log"
}

# What a program that traces takes with it, in kB.
size_of_traced() {
  strip -o "$scratch/traced" "$tree/tests/packaging/traced" || return 1
  wc -c <"$scratch/traced" | awk '{ printf "traced\t%.1f\n", $1 / 1000 }'
}

# Nothing is taken from a compiler's cache: neither here nor below.
clean_build() {
  export CCACHE_DISABLE=1
  meson setup "$scratch/clean" --buildtype=release -Dtools=disabled -Dexamples=false -Dtests=disabled >"$scratch/clean.log" 2>&1 || return 1
  begun=$(date +%s.%N)
  ninja -C "$scratch/clean" -j 2 >>"$scratch/clean.log" 2>&1 || return 1
  ended=$(date +%s.%N)
  awk -v begun="$begun" -v ended="$ended" 'BEGIN { printf "clean_build\t%.2f\n", ended - begun }'
}

# The processor's time, in seconds, that compiling TEXT takes, the best of some: a neighbour can only add.
compile_time() { # TEXT
  printf '%s\n' "$1" >"$scratch/unit.cpp"
  for _ in 1 2 3 4 5 6 7 8 9; do
    # The second line of `times` is about children: user and system, as 0m0.52s 0m0.07s.
    # shellcheck disable=SC2086 # a compiler may be given with arguments
    (${CXX:-c++} -std=c++20 -O2 -Iinclude -c "$scratch/unit.cpp" -o /dev/null && times) || return 1
  done | awk 'NF == 2 && ++line % 2 == 0 {
      split($1, user, "[ms]"); split($2, system_, "[ms]")
      time = (user[1] + system_[1]) * 60 + user[2] + system_[2]
      if (!best || time < best) best = time
    } END { print best + 0; exit !line }'
}
cost_of_include() {
  export CCACHE_DISABLE=1
  with=$(compile_time '#include <jtrace/jtrace.h>') || return 1
  without=$(compile_time '') || return 1
  awk -v with="$with" -v without="$without" 'BEGIN { printf "include\t%.3f\n", with - without }'
}

run_all() {
  measure static "The caller's path, static library" "$programs/bench-caller" "$repetitions"
  measure shared "The caller's path, shared library" "$programs/bench-caller-shared" "$repetitions"
  measure samplers 'The decisions of samplers' "$programs/bench-samplers"
  measure headers 'Contexts in headers' "$programs/bench-headers" "$repetitions"
  measure encode 'The encoder' "$programs/bench-encode" "$repetitions"
  measure through 'End to end' "$programs/bench-end-to-end" "$repetitions"
  measure burst 'A burst among 512 threads' "$programs/bench-burst"
  measure calm 'finish() beside a collector that fails' "$programs/bench-calm"
  measure allocations 'Heap allocations' "$programs/bench-allocations"
  measure instructions "Instructions of the caller's path" instructions_of_each "$counted" no_span \
    sampled_root sampled_child unsampled_root unsampled_child unconfigured
  measure instructions 'Instructions of traced functions' instructions_of_each "$counted" function_untraced \
    function_by_hand function_by_macro function_by_traced
  measure functions 'Traced functions while tracing is off' "$programs/bench-functions"
  measure automatic 'Functions compiled for automatic tracing' "$programs/bench-automatic"
  measure instructions 'Instructions of the encoder' instructions_of_each "$counted" no_encoding encode_root encode_child
  measure calls 'System calls' calls_of 400000 sampled_child
  measure weight 'The size of a traced program' size_of_traced
  measure weight 'A clean build' clean_build
  measure weight 'The price of the header' cost_of_include
}

# Reads the values and then the rows; prints figure, unit, measured, reach and met, with tabs between them. Judged is what
# was measured, not what is left of it after rounding.
evaluate() {
  rows | awk -F '\t' '
    NR == FNR { value[$1] = $2; next }
    {
      split($0, row, "|"); parts = split(row[3], name, " / ")
      known = (name[1] in value) && (parts == 1 || (name[2] in value && value[name[2]] > 0))
      measured = !known ? "-" : parts == 1 ? value[name[1]] + 0 : value[name[1]] / value[name[2]]
      met = "-"
      if (row[5] != "-") {
        split(row[5], reach, " "); limit = reach[2] + 0
        met = known && (reach[1] == "<=" ? measured <= limit : reach[1] == ">=" ? measured >= limit : measured == limit) ? "yes" : "no"
      }
      print row[1] "\t" row[2] "\t" (known ? sprintf(row[4], measured) : "-") "\t" row[5] "\t" met
    }' "$scratch/values" - >"$scratch/figures"
}

print_table() {
  awk -F '\t' '
    function line(figure, measured, reach, met) { printf "%-62s  %24s  %-9s %s\n", figure, measured, reach, met }
    BEGIN { line("figure", "measured", "reach", "met") }
    {
      figure = $1; note = ""
      if (match(figure, / \(.*\)$/)) { note = substr(figure, RSTART + 1); figure = substr(figure, 1, RSTART - 1) }
      if ($4 == "-" && !beside++) print "to compare with:"
      line(figure, $3 " " $2, $4 == "-" ? "" : $4, $5 == "-" ? "" : $5)
      if (note) print "  " note
    }' "$scratch/figures"
}

# Only what has a reach, so that each `met` is true or false.
print_json() {
  awk -F '\t' '
    function text(words) { gsub(/["\\]/, "\\\\&", words); return "\"" words "\"" }
    BEGIN { printf "[" }
    $4 != "-" {
      printf "%s\n  {\"figure\": %s, \"unit\": %s, \"measured\": %s, \"reach\": %s, \"met\": %s}", comma, text($1), text($2),
        $3 == "-" ? "null" : $3, text($4), $5 == "yes" ? "true" : "false"
      comma = ","
    }
    END { print "\n]" }' "$scratch/figures"
}

# Where it was measured: a figure without its machine says little.
machine() {
  model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
  clock=$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource 2>/dev/null || echo unknown)
  commit=$(git log -1 --format='commit %h of %cs' 2>/dev/null || echo 'no commit known')
  git diff --quiet HEAD -- include src tests/bench 2>/dev/null || commit="$commit, with changes"
  # A compiler may be given with arguments ("ccache g++").
  # shellcheck disable=SC2086
  compiler=$(${CXX:-c++} --version | head -n 1)
  say "${model:-$(uname -m)}, $(nproc) cores, clock source $clock; $compiler; $commit"
}

print_markdown() {
  machine
  awk -F '\t' '
    BEGIN { print "\n| figure | measured | reach | met |\n|---|---:|---|---|" }
    $4 == "-" && !beside++ { print "| *to compare with* | | | |" }
    {
      gsub(/<=/, "≤", $4); gsub(/>=/, "≥", $4); sub(/^x /, "× ", $2)
      print "| " $1 " | " $3 " " $2 " | " ($4 == "-" ? "" : $4) " | " ($5 == "-" ? "" : $5) " |"
    }' "$scratch/figures"
}

# Puts the table between the two marks of FILE.
write_markdown() {
  print_markdown >"$scratch/table"
  if [ ! -s "$1" ]; then
    cat "$scratch/table" >"$1"
    return
  fi
  awk -v table="$scratch/table" '
    /^<!-- end of figures -->$/ { inside = 0; print "" }
    !inside { print }
    /^<!-- figures -->$/ {
      inside = 1
      print ""
      while ((getline row < table) > 0) print row
    }' "$1" >"$scratch/page"
  cat "$scratch/page" >"$1"
}

# Minutes of measuring should not end at a file that cannot be written.
check_files() {
  for file in "$json" "$markdown"; do
    [ -z "$file" ] || (: >>"$file") 2>/dev/null || fail 2 "$file cannot be written."
  done
  if [ -n "$markdown" ] && [ -s "$markdown" ]; then
    awk '/^<!-- figures -->$/ { open = NR } /^<!-- end of figures -->$/ && open { good = 1 } END { exit !good }' "$markdown" ||
      fail 2 "$markdown has no lines <!-- figures --> and <!-- end of figures --> to put the table between."
  fi
}

# FILE, as seen from where the user is.
resolve() {
  case $1 in
    '' | /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$started_in" "$1" ;;
  esac
}

may_install=yes json='' markdown='' repetitions=--benchmark_repetitions=15 counted=20000
while [ $# -gt 0 ]; do
  case $1 in
    --quick) repetitions=--benchmark_repetitions=3 counted=2000 ;;
    --no-install) may_install=no ;;
    --json | --markdown)
      [ $# -gt 1 ] || fail 2 "$1 needs the name of a file."
      if [ "$1" = --json ]; then json=$(resolve "$2"); else markdown=$(resolve "$2"); fi
      shift
      ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done

check_files
prepare
# shellcheck disable=SC2086 # one word per package is what is meant
ensure_packages "$may_install" $bench_packages
build
run_all
evaluate
say ''
machine
print_table
if [ -s "$scratch/remarks" ]; then
  say ''
  headline 'What the programs said beside:'
  cat "$scratch/remarks"
fi
[ -z "$json" ] || print_json >"$json"
[ -z "$markdown" ] || write_markdown "$markdown"
[ -z "$broken" ] || fail 1 "These could not be measured:$broken"
