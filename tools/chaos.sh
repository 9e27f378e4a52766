#!/bin/sh
# Runs the fault suite for as many schedules as you like. Runs in any POSIX shell. `tools/chaos.sh --help` tells the rest.
set -eu

program=chaos.sh
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"

. "$top/tools/lib/output.sh"
. "$top/tools/lib/packages.sh"

usage() {
  cat <<'USAGE'
Usage: tools/chaos.sh [--schedules N] [--seed S] [--no-install]

Builds the fault suite (in build-test) and runs schedules of it, one after the other: a program that traces from threads that come
and go, and forks, while its collector fails, stalls, drips, resets connections and restarts, by chances that a seed repeats.
After each the books of every process must close, and the collector must have exactly what they call acknowledged. The tests
run thirty of these (meson test chaos).

  --schedules N   so many (1000)
  --seed S        the seed of the first one, and one more for each that follows; without it, a new one each time
  --no-install    install nothing, whatever is missing
  --help          print this

A schedule that fails is named at the end by its seed. To repeat it alone: tools/chaos.sh --schedules 1 --seed SEED. The seed repeats
every choice, not how threads and processes meet: try a few times.

Exit codes: 0 all held; 1 some failed, or the build did; 2 usage; 3 packages or tools are missing.
USAGE
}

clean_up() {
  [ -z "$busy" ] || kill "$busy" 2>/dev/null || true
  rm -rf "$scratch"
}

is_number() { case $1 in '' | *[!0-9]*) false ;; *) [ "${#1}" -le 19 ] ;; esac; }

# Configures the tree if it is new and builds the suite.
build_suite() {
  if [ ! -f build-test/build.ninja ]; then
    run_quietly 'Configuring build-test' "$scratch/log" meson setup build-test -Dtests=enabled -Dtools=enabled || return 1
  fi
  run_quietly 'Building the fault suite' "$scratch/log" ninja -C build-test tests/stress/chaos_test tests/stress/chaos-program
}

schedules=1000 seed='' may_install=yes
while [ $# -gt 0 ]; do
  case $1 in
    --schedules | --seed)
      [ $# -gt 1 ] || fail 2 "$1 needs a number."
      is_number "$2" || fail 2 "$1: '$2' is no number."
      [ "$1" = --seed ] && seed=$2 || schedules=$2
      shift
      ;;
    --no-install) may_install=no ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      complain "'$1' is not known."
      usage >&2
      exit 2
      ;;
  esac
  shift
done
[ "$schedules" -gt 0 ] || fail 2 "--schedules: '$schedules' are too few."

busy=''
scratch=$(mktemp -d "${TMPDIR:-/tmp}/jtrace-chaos.XXXXXX")
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# shellcheck disable=SC2086 # one word per package is what is meant
ensure_packages "$may_install" $test_packages
build_suite || exit 1
result=0
run_quietly "Running $schedules schedules" "$scratch/run" env JTRACE_TEST_SCHEDULES="$schedules" ${seed:+"JTRACE_TEST_SEED=$seed"} \
  build-test/tests/stress/chaos_test || result=$?
first=$(sed -n 's/^JTRACE_TEST_SEED=//p' "$scratch/run")
held=$(grep -c '^[0-9]*/[0-9]* ok ' "$scratch/run" || true)
failed=$(sed -n 's/^[0-9]*\/[0-9]* FAILED seed \([0-9]*\):.*/\1/p' "$scratch/run" | tr '\n' ' ')
say "$held of $schedules schedules held, from seed $first on."
if [ -n "$failed" ]; then
  awk '/^[0-9]+\/[0-9]+ ok / { show = 0 } /^[0-9]+\/[0-9]+ FAILED / { show = 1 } show' "$scratch/run"
  say "These failed: ${failed% }"
  say "To repeat one: tools/chaos.sh --schedules 1 --seed ${failed%% *}"
  exit 1
fi
[ "$result" -eq 0 ] || fail 1 'The suite ended before its time; the lines above say why.'
