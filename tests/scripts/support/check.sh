# A small language for the tests of the scripts. Sourced, not run; POSIX sh.
#   check 'a sentence' COMMAND...     COMMAND has to succeed; its output is shown if it does not
#   check_code 3 'a sentence' COMMAND...     COMMAND has to end with exit code 3
# Both leave what COMMAND printed (stdout and stderr) in $output, for these to look at:
#   printed 'a sentence' 'words'    has_not_printed 'a sentence' 'words'    last_line_is 'a sentence' 'line'
#   holds 'a sentence' COMMAND...     COMMAND has to succeed and prints nothing
# End with `finish`. $top is the repository, $work a directory that goes away.
# shellcheck shell=sh

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/jtrace-scripts.XXXXXX")
output=$work/output
failures=0
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP

# The scripts behave by these; a test starts from none of them.
unset JAEGER_ENDPOINT JTRACE_OS_RELEASE CXX NO_COLOR || true

report() { # GOOD(0) SENTENCE WHY; shows $output when it is not good
  if [ "$1" -eq 0 ]; then
    echo "ok: $2"
  else
    echo "NOT OK: $2$3; this is what was printed:"
    sed 's/^/    /' "$output"
    failures=$((failures + 1))
  fi
}

check_code() {
  expected=$1 sentence=$2
  shift 2
  code=0
  "$@" >"$output" 2>&1 </dev/null || code=$?
  good=0
  [ "$code" -eq "$expected" ] || good=1
  report "$good" "$sentence" " (exit code $code, not $expected)"
}

check() { check_code 0 "$@"; }

holds() {
  sentence=$1
  shift
  good=0
  "$@" || good=1
  report "$good" "$sentence" ''
}

printed() { holds "$1" grep -qF -e "$2" "$output"; }
has_not_printed() { holds "$1" lacks "$2"; }
lacks() { ! grep -qF -e "$1" "$output"; }
last_line_is() { holds "$1" [ "$(tail -n 1 "$output")" = "$2" ]; }

finish() {
  if [ "$failures" -eq 0 ]; then exit 0; fi
  echo "$failures not ok"
  exit 1
}
