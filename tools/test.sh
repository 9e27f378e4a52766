#!/bin/sh
# Builds and runs all tests of jtrace: once as users build it, then under the sanitizers. The last line is the sum.
# Runs in any POSIX shell. `tools/test.sh --help` tells the rest.
set -eu

program=test.sh
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"

. "$top/tools/lib/output.sh"
. "$top/tools/lib/packages.sh"
. "$top/tools/lib/fuzz.sh"

usage() {
  cat <<'USAGE'
Usage: tools/test.sh [--quick | --long] [--suite NAME]... [--no-install]

Installs what the tests need (Debian 12, Ubuntu 24.04; it says which packages), builds jtrace and runs its tests:
  build-test   a release build, all suites
  build-asan   with the address and undefined behaviour sanitizers, all suites but jaeger, bench, scripts and packaging
  build-tsan   with the thread sanitizer, the same suites
               (both without the tools, which take half of the time, unless --long is given)
  build-fuzz   with clang's fuzzer, some seconds for each target (tools/fuzz.sh takes longer)
Ends with one line over all of them: N passed, N failed, N skipped.

  --quick        leave the sanitizers' and the fuzzer's builds out
  --long         the suite `long`, too: what takes many minutes, such as building Debian packages
  --suite NAME   only this suite (unit, e2e, stress, jaeger, scripts, packaging, fuzz, long); may be given more than once
  --no-install   install nothing, whatever is missing
  --help         print this

The suite `jaeger` needs a real Jaeger: the one that JTRACE_TEST_JAEGER names, else one on the PATH, else those that
tools/jaeger.sh has built. Without one it is skipped.

Exit codes: 0 nothing failed; 1 a test or a build failed; 2 usage; 3 packages or tools are missing.
USAGE
}

clean_up() {
  [ -z "$busy" ] || kill "$busy" 2>/dev/null || true
  rm -rf "$scratch"
}

prepare() {
  busy=''
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/jtrace-test.XXXXXX")
  logs='' broken=''
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# build TREE OPTIONS...: configures TREE if it is new and builds it. A failure counts as one failed test.
build() {
  tree=$1
  shift
  if [ ! -f "$tree/build.ninja" ]; then
    run_quietly "Configuring $tree" "$scratch/log" meson setup "$tree" -Dtests=enabled -Dtools=enabled -Dexamples=true "$@" ||
      return 1
  fi
  run_quietly "Building $tree" "$scratch/log" ninja -C "$tree"
}

# run_tests TREE OPTIONS...: runs the chosen suites of TREE, through $wrapper where it is set, and notes TREE's log for the sum.
run_tests() {
  tree=$1
  shift
  log=$tree/meson-logs/testlog.json
  rm -f "$log"
  # shellcheck disable=SC2086 # $wrapper and $suites are lists of words
  $wrapper meson test -C "$tree" --no-rebuild --print-errorlogs $suites "$@" || true # the log knows what failed
  if [ -s "$log" ]; then logs="$logs $log"; fi
}

build_and_test() { # TREE HEADLINE OPTIONS-FOR-MESON-SETUP -- OPTIONS-FOR-MESON-TEST, both as words
  headline "$2"
  # shellcheck disable=SC2086 # lists of words
  if build "$1" $3; then
    run_tests "$1" $4
  else
    broken="$broken $1"
  fi
  say ''
}

wants_suite() { case "$suites " in ' ' | *" --suite $1 "*) true ;; *) false ;; esac; }

fuzz() {
  wants_suite fuzz || return 0
  headline 'Fuzzing'
  if ! can_fuzz; then
    say "It is left out: there is no clang++ that knows -fsanitize=fuzzer. By its Debian names: $fuzz_packages"
  elif build_fuzz_targets; then
    asked=$suites suites='--suite fuzz' # nothing else is built there
    run_tests "$fuzz_tree"
    suites=$asked
  else
    broken="$broken $fuzz_tree"
  fi
  say ''
}

# The thread sanitizer cannot cope with much randomness in addresses (vm.mmap_rnd_bits of 32); this takes it away,
# where the kernel lets us.
wrap_without_address_randomness() {
  wrapper="setarch $(uname -m) -R"
  $wrapper true 2>/dev/null || wrapper=''
}

# Prints every failed test, then the sum as the last line. False if anything failed.
conclude() {
  if [ -z "$logs$broken" ]; then
    fail 2 "There is no test in what was asked for:$suites"
  fi
  # shellcheck disable=SC2086 # one word per log is what is meant
  if [ -n "$logs" ]; then awk -f tools/lib/count-tests.awk $logs; else echo 0 0 0; fi >"$scratch/sum"
  sed '$d; s|/meson-logs/testlog.json||' "$scratch/sum"
  read -r passed failed skipped <<SUM
$(tail -n 1 "$scratch/sum")
SUM
  for tree in $broken; do
    say "failed: $tree: it could not be built"
    failed=$((failed + 1))
  done
  say "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

quick=no long=no may_install=yes suites=''
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=yes ;;
    --long) long=yes ;;
    --no-install) may_install=no ;;
    --suite)
      [ $# -gt 1 ] || fail 2 '--suite needs the name of a suite.'
      suites="$suites --suite $2"
      [ "$2" != long ] || long=yes
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

prepare
[ "$long" = no ] || test_packages="$test_packages $long_packages"
# shellcheck disable=SC2086 # one word per package is what is meant
ensure_packages "$may_install" $test_packages

wrapper=''
without=''
[ "$long" = yes ] || without='--no-suite long'
# gRPC's headers, and a tree of sanitized tools, are for those who have the time.
[ "$long" = yes ] && light='' || light='-Dgrpc=disabled '
build_and_test build-test 'All suites, release build' "$light--buildtype=release" "$without"
if [ "$quick" = no ]; then
  # Compilers take four times as long for sanitized code at -O1 with all of -g; line numbers are what a report needs.
  [ "$long" = yes ] && with_tools=true || with_tools=false
  [ "$long" = yes ] && examples='' || examples='-Dexamples=false -Dhttplib=disabled '
  sanitized="$light$examples-Dsanitized_tools=$with_tools "'-Doptimization=g -Ddebug=false -Dcpp_args=["-g1","-fno-var-tracking"'
  without='--no-suite jaeger --no-suite bench --no-suite scripts --no-suite packaging --no-suite long --timeout-multiplier 4'
  build_and_test build-asan 'Address and undefined behaviour sanitizers' "$sanitized] -Db_sanitize=address,undefined" "$without"
  wrap_without_address_randomness
  # The compiler's own copies are not instrumented: races on what is copied would stay unseen.
  build_and_test build-tsan 'Thread sanitizer' "$sanitized,\"-fno-builtin-memcpy\"] -Db_sanitize=thread" "$without"
  wrapper=''
  fuzz
fi
conclude
