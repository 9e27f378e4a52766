#!/bin/sh
# The first minutes with jtrace: from a fresh clone on a bare machine to a trace that one can look at. Installs what the
# build needs, builds, starts the local collector, runs examples/basic against it and shows what arrived.
# Runs in any POSIX shell. `tools/demo.sh --help` tells the rest.
set -eu

program=demo.sh
top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build
collector=$build/tools/jtrace-collector/jtrace-collector
example=$build/examples/basic
patience=60 # seconds until a trace that does not arrive is given up; usually it takes two

. "$top/tools/lib/output.sh"
. "$top/tools/lib/packages.sh"

usage() {
  cat <<'USAGE'
Usage: tools/demo.sh [--no-install]

Installs the packages that the build needs (Debian 12, Ubuntu 24.04; it says which), builds jtrace into build/,
starts the local collector, runs examples/basic, and shows its trace. With JAEGER_ENDPOINT set, no collector is
started: the trace goes there, and you get the link into its UI.

  --no-install   install nothing, whatever is missing
  --help         print this

Exit codes: 0 the trace arrived; 1 something failed, and it says what; 2 usage; 3 packages or tools are missing.
USAGE
}

# Whatever ends the script, no process and no file of it stays.
clean_up() {
  for process in "$busy" "$collector_process" "$watchdog"; do
    [ -z "$process" ] || kill "$process" 2>/dev/null || true
  done
  if [ -n "$collector_process" ]; then wait "$collector_process" 2>/dev/null || true; fi
  rm -rf "$scratch"
}

prepare() {
  busy='' collector_process='' watchdog=''
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/jtrace-demo.XXXXXX")
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# A release tree without tests. A tree that is there already keeps its options.
build_everything() {
  if [ -x "$collector" ] && [ -x "$example" ] && [ ! -w "$build" ]; then
    say "$build belongs to somebody else; using the programs in it as they are."
    return
  fi
  if [ ! -w "$top" ] || { [ -e "$build" ] && [ ! -w "$build" ]; }; then
    fail 1 "$build cannot be written to by $(id -un). Clone the repository to a place of your own, or run this as its owner."
  fi
  if [ ! -f "$build/build.ninja" ]; then
    run_quietly 'Configuring' "$scratch/setup.log" \
      meson setup "$build" "$top" --buildtype=release -Dtools=enabled -Dexamples=true -Dtests=disabled ||
      fail 1 'Meson could not configure the build; its last lines are above.'
  fi
  run_quietly 'Building jtrace into build/' "$scratch/build.log" ninja -C "$build" ||
    fail 1 'The build failed; its last lines are above. If build/ is an old one of yours: rm -r build, and again.'
  if [ ! -x "$collector" ] || [ ! -x "$example" ]; then
    fail 1 'build/ is configured without the tools or the examples: rm -r build, and again.'
  fi
}

# Runs the example; sets trace_id from what it prints.
run_example() { # ENDPOINT
  headline "JAEGER_ENDPOINT=$(printf '%s' "$1" | sed 's|//[^/]*@|//***@|') build/examples/basic"
  JAEGER_ENDPOINT=$1 "$example" >"$scratch/example.out" || {
    result=$?
    cat "$scratch/example.out"
    fail 1 "examples/basic ended with exit code $result."
  }
  cat "$scratch/example.out"
  trace_id=$(grep -Eo '[0-9a-f]{32}' "$scratch/example.out" | head -n 1)
  if [ -z "$trace_id" ]; then
    fail 1 'examples/basic printed no trace id; is tracing switched off (JAEGER_DISABLED, JAEGER_SAMPLER_PARAM)?'
  fi
}

# The page of trace $2 in the UI beside the collector at $1: same host, port 16686.
ui_link() {
  host=${1#*://}
  host=${host%%[/?#]*}
  host=${host##*@}
  case $host in
    '['*) host=${host%%']'*}']' ;; # an IPv6 address
    *) host=${host%%:*} ;;
  esac
  printf 'http://%s:16686/trace/%s\n' "$host" "$2"
}

demo_with_users_collector() {
  say "JAEGER_ENDPOINT is set, so the trace goes there and no collector is started."
  run_example "$JAEGER_ENDPOINT"
  say ''
  say "Look at it:  $(ui_link "$JAEGER_ENDPOINT" "$trace_id")"
}

# What the collector cannot see for itself, since we read what it prints: whether a terminal will show it, and how wide.
terminal_options() {
  [ -n "$bold" ] || return 0
  columns=$(stty size 2>/dev/null </dev/tty | cut -d ' ' -f 2)
  if [ "${columns:-0}" -lt 60 ] || [ "$columns" -gt 1000 ]; then columns=0; fi
  printf '%s' "--color=always --width=$columns"
}

# Starts the collector with the given options; file descriptor 3 reads what it prints. Sets endpoint and page once it
# has said where it listens, and returns false if it ends before.
start_collector() {
  rm -f "$scratch/collector.out"
  mkfifo "$scratch/collector.out"
  # shellcheck disable=SC2046 # a list of words
  "$collector" $(terminal_options) "$@" >"$scratch/collector.out" 2>"$scratch/collector.err" </dev/null &
  collector_process=$!
  exec 3<"$scratch/collector.out"
  endpoint='' page=''
  while [ -z "$endpoint" ] || [ -z "$page" ]; do
    if ! read -r line <&3; then
      wait "$collector_process" || true
      collector_process=''
      return 1
    fi
    case $line in
      'collector: '*) endpoint=${line#collector: } ;;
      'query: '*) page=${line#query: } ;;
    esac
  done
}

# Ends the collector when the trace does not come, so that nobody waits for ever on its output.
start_watchdog() {
  (
    trap 'kill "$nap" 2>/dev/null; exit' TERM
    sleep "$patience" &
    nap=$!
    wait "$nap"
    kill "$collector_process"
  ) 3<&- &
  watchdog=$!
}

stop_watchdog() {
  kill "$watchdog" 2>/dev/null || true
  wait "$watchdog" 2>/dev/null || true
  watchdog=''
}

# Copies the collector's output to ours until it has printed the whole waterfall of our trace.
show_waterfall() {
  begun=no
  while IFS= read -r line <&3; do
    printf '%s\n' "$line"
    case $begun$line in
      yes) return ;; # an empty line ends a waterfall
      no*"$trace_id"*) begun=yes ;;
    esac
  done
  return 1
}

demo_with_own_collector() {
  if ! start_collector && ! start_collector --port 0 --query-port 0; then
    cat "$scratch/collector.err" >&2
    fail 1 'The local collector did not start; its words are above.'
  fi
  say "The local collector listens at $endpoint"
  say ''
  run_example "$endpoint"
  start_watchdog
  if ! show_waterfall; then
    cat "$scratch/collector.err" >&2
    fail 1 "The trace $trace_id did not arrive within $patience s. docs/troubleshooting.md has a list of causes."
  fi
  stop_watchdog
  say "Look at it:  ${page%/search}/trace/$trace_id"
  if [ -t 0 ] && [ -t 1 ]; then
    printf 'The collector runs until you press Enter. '
    read -r line || true
  fi
}

may_install=yes
for argument in "$@"; do
  case $argument in
    --no-install) may_install=no ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
done

prepare
# shellcheck disable=SC2086 # one word per package is what is meant
ensure_packages "$may_install" $demo_packages
build_everything
if [ -n "${JAEGER_ENDPOINT-}" ]; then
  demo_with_users_collector
else
  demo_with_own_collector
fi
